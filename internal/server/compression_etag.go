package server

import (
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minCompressedBytes is how many bytes an answer has before it is compressed.
const minCompressedBytes = 1024

// encoder writes compressed bytes, and is used again.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// responseEncodings are those that answers are written in, best first where the caller has no preference. No answer holds both a
// secret and what another site could have put there, for there are no cookies: lengths tell nothing.
var responseEncodings = []string{"zstd", "br", "gzip"}

// encoderPools are kept to be used again, by encoding.
var encoderPools = map[string]*sync.Pool{
	"zstd": {New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil { // wrong options only
			return nil
		}
		return e
	}},
	"br": {New: func() any { return brotli.NewWriterLevel(nil, 3) }},
	"gzip": {New: func() any {
		e, err := gzip.NewWriterLevel(nil, flate.BestSpeed)
		if err != nil {
			return nil
		}
		return e
	}},
}

// negotiateEncoding is the one of several, best first, that the caller likes best, "" where the caller takes none of them.
func negotiateEncoding(accept string, names []string) string {
	best, weight := -1, 0.0
	for _, item := range strings.Split(accept, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(item), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				q = 0
			}
		}
		for i, known := range names {
			if strings.EqualFold(strings.TrimSpace(name), known) && (q > weight || q == weight && q > 0 && i < best) {
				best, weight = i, q
			}
		}
	}
	if best < 0 {
		return ""
	}
	return names[best]
}

// writeCompressed writes an answer, compressed where the caller takes that and it is worth it.
func (s *Server) writeCompressed(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	if name := negotiateEncoding(r.Header.Get("Accept-Encoding"), responseEncodings); name != "" && len(text) >= minCompressedBytes {
		var b bytes.Buffer
		if e, ok := encoderPools[name].Get().(encoder); ok {
			e.Reset(&b)
			_, err := e.Write(text)
			if closed := e.Close(); err == nil && closed == nil {
				text = b.Bytes()
				w.Header().Set("Content-Encoding", name)
			}
			e.Reset(nil)
			encoderPools[name].Put(e)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text)
}

// entityTag names the bytes of an answer for one caller: it changes with what that caller is shown and with nothing else,
// and tells nobody else whether they were shown the same. It is weak, since compression changes the bytes sent.
func (s *Server) entityTag(who string, text []byte) string {
	h := hmac.New(sha256.New, s.options.HMACKey)
	h.Write([]byte(who + "\n"))
	h.Write(text)
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18]) + `"`
}

// writeNotModified answers 304 where the caller has these bytes already. By RFC 9110 this is for GET alone: a POST with a
// condition that fails would be 412, which no GraphQL client expects, so answers to POST have no tag.
func (s *Server) writeNotModified(w http.ResponseWriter, r *http.Request, who string, text []byte) bool {
	tag := s.entityTag(who, text)
	w.Header().Set("ETag", tag)
	if r.Header.Get("Purpose-Of-Use") == "" { // with one, the answer may hold what no disk should: no-store stays
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == tag || "W/"+known == tag {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}
