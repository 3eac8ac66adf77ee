// Package policysource holds the policies of a folder that are in force. It reads the folder again when its files
// change. A folder with a mistake never comes into force.
package policysource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/policycheck"
)

// Source is a folder of policies with the snapshot of it that is in force. A folder with a mistake never comes into
// force. The snapshot before it remains in force instead.
type Source struct {
	files   fs.FS
	model   *model.Model
	inForce atomic.Pointer[access.Policy]
	stale   atomic.Bool
	since   atomic.Int64 // when the snapshot came into force, in Unix nanoseconds

	mu                sync.Mutex
	judgedFingerprint string // fingerprint of the contents that were checked last
}

// Open reads and checks a folder of policies. An error names the files and the lines with mistakes.
func Open(files fs.FS, m *model.Model) (*Source, error) {
	s := &Source{files: files, model: m}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	if s.Current() == nil {
		return nil, errors.New("policies: the files of the folder changed while they were read; start again")
	}
	return s, nil
}

// Current returns the snapshot in force.
func (s *Source) Current() *access.Policy { return s.inForce.Load() }

// Age returns the time since the policies in force came into force.
func (s *Source) Age() time.Duration { return time.Since(time.Unix(0, s.since.Load())) }

// Stale reports whether the folder has a mistake, so that the policies in force are older than the folder.
func (s *Source) Stale() bool { return s.stale.Load() }

// Reload reads and checks the folder and brings it into force. An error names the files and the lines with mistakes,
// and the policies in force do not change. Contents that were checked before are not checked again, and their mistakes
// are not reported again.
func (s *Source) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.folderFingerprint()
	if before == s.judgedFingerprint {
		return nil
	}
	p, err := s.loadAndCheck()
	if s.folderFingerprint() != before {
		return nil // the files changed while they were read; the next call finds them complete
	}
	s.judgedFingerprint = before
	s.stale.Store(err != nil)
	if err == nil {
		s.inForce.Store(p)
		s.since.Store(time.Now().UnixNano())
	}
	return err
}

// loadAndCheck loads the folder and joins the problems that Check finds into one error.
func (s *Source) loadAndCheck() (*access.Policy, error) {
	p, err := access.Load(s.files, s.model)
	if err != nil {
		return nil, err
	}
	problems, err := policycheck.Check(p, s.files)
	for _, problem := range problems {
		err = errors.Join(err, errors.New(problem.String()))
	}
	return p, err
}

// folderFingerprint returns a hash of the contents of the folder. Errors of reading are part of the hash.
func (s *Source) folderFingerprint() string {
	paths, err := fs.Glob(s.files, "cases/*.yaml")
	if err != nil {
		return err.Error()
	}
	sum := sha256.New()
	for _, path := range append(paths, "model.conf", access.RolesFile) {
		text, err := fs.ReadFile(s.files, path)
		fmt.Fprintf(sum, "%s %d %v\n", path, len(text), err)
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Watch checks the folder at each tick and brings a change into force. It waits until two ticks in a row find the same
// contents, so that a file is not read while it is being written. A signal on the channel reload brings the folder into
// force at once. Watch logs each version that comes into force and the mistakes of each that does not. It returns when
// the context ends.
func (s *Source) Watch(ctx context.Context, tick <-chan time.Time, reload <-chan os.Signal, log *slog.Logger) {
	pending := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if found := s.folderFingerprint(); found != pending {
				pending = found
				continue
			}
		case <-reload:
		}
		before := s.Current().Version()
		if err := s.Reload(); err != nil {
			log.ErrorContext(ctx, "the policies on disk have mistakes, so the earlier policies remain in force",
				"version", before, "problems", err.Error())
		} else if version := s.Current().Version(); version != before {
			log.InfoContext(ctx, "new policies are in force", "version", version)
		}
	}
}
