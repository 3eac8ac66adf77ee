package access

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

	"rightshub/internal/model"
)

// Policies give the policies that are in force. A request asks once and keeps to the answer.
type Policies interface{ Current() *Policy }

// Current is the policy itself: one that never changes.
func (p *Policy) Current() *Policy { return p }

// Source is a folder of policies and the snapshot of it that is in force. A folder with a mistake never comes into
// force: the snapshot before stays.
type Source struct {
	files   fs.FS
	model   *model.Model
	inForce atomic.Pointer[Policy]
	stale   atomic.Bool

	mu                sync.Mutex
	judgedFingerprint string // the contents that were last judged
}

// Open reads and checks a folder of policies. An error names the files and the lines that are wrong.
func Open(files fs.FS, m *model.Model) (*Source, error) {
	s := &Source{files: files, model: m}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	if s.Current() == nil {
		return nil, errors.New("policies: somebody is writing to the folder: start again")
	}
	return s, nil
}

// Current is the snapshot in force.
func (s *Source) Current() *Policy { return s.inForce.Load() }

// Stale reports whether the folder holds mistakes, so that what is in force is older than the folder.
func (s *Source) Stale() bool { return s.stale.Load() }

// Reload brings the folder into force as it is now. An error names the files and the lines that are wrong; then, what
// was in force stays so. A folder that was judged already is not judged again.
func (s *Source) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.folderFingerprint()
	if before == s.judgedFingerprint {
		return nil
	}
	p, err := s.loadAndCheck()
	if s.folderFingerprint() != before {
		return nil // somebody is writing: the next look finds it whole
	}
	s.judgedFingerprint = before
	s.stale.Store(err != nil)
	if err == nil {
		s.inForce.Store(p)
	}
	return err
}

func (s *Source) loadAndCheck() (*Policy, error) {
	p, err := Load(s.files, s.model)
	if err != nil {
		return nil, err
	}
	problems, err := p.Check(s.files)
	for _, wrong := range problems {
		err = errors.Join(err, errors.New(wrong.String()))
	}
	return p, err
}

// folderFingerprint names what the folder holds: another text has another name.
func (s *Source) folderFingerprint() string {
	paths, err := fs.Glob(s.files, "cases/*.yaml")
	if err != nil {
		return err.Error()
	}
	sum := sha256.New()
	for _, path := range append(paths, "model.conf", rolesFile) {
		text, err := fs.ReadFile(s.files, path)
		fmt.Fprintf(sum, "%s %d %v\n", path, len(text), err)
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Watch looks at the folder at each tick, and brings a change into force once two looks found the same, so that a file
// is not read while it is being written; and at once when told to. It says in the log what came into force, and what
// did not and why. It returns when the context ends.
func (s *Source) Watch(ctx context.Context, tick <-chan time.Time, now <-chan os.Signal, log *slog.Logger) {
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
		case <-now:
		}
		version := s.Current().Version()
		err := s.Reload()
		if err != nil {
			log.ErrorContext(ctx, "the policies on disk are broken: those from before stay in force", "version", version, "problems", err.Error())
		} else if now := s.Current().Version(); now != version {
			log.InfoContext(ctx, "new policies are in force", "version", now)
		}
	}
}
