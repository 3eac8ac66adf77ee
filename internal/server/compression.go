package server

import (
	"bytes"
	"compress/flate"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minCompressedBytes is the size of the smallest response that is compressed.
const minCompressedBytes = 1024

// encoder is a compressor that can be used again after Reset.
type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// responseEncodings are the encodings of responses, in the order of the hub's own preference. Compression does not
// open the way for attacks that guess a secret from the length of a response. Such an attack needs a response with
// both a secret and text of another site, and another site cannot send requests as the user, because there are no
// cookies.
var responseEncodings = []string{"zstd", "br", "gzip"}

// encoderPools holds unused encoders by encoding.
var encoderPools = map[string]*sync.Pool{
	"zstd": {New: func() any {
		e, err := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil { // happens for wrong options only
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

// negotiateEncoding returns the encoding that the Accept-Encoding header prefers among names, or "" when the header
// accepts none of them. Equal weights are decided by the order of names.
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
			preferred := q > weight || q == weight && q > 0 && i < best
			if preferred && strings.EqualFold(strings.TrimSpace(name), known) {
				best, weight = i, q
			}
		}
	}
	if best < 0 {
		return ""
	}
	return names[best]
}

// writeCompressed writes a response. It compresses a response of at least minCompressedBytes when the client accepts
// that.
func (s *Server) writeCompressed(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	name := negotiateEncoding(r.Header.Get("Accept-Encoding"), responseEncodings)
	if name != "" && len(text) >= minCompressedBytes {
		var b bytes.Buffer
		if e, ok := encoderPools[name].Get().(encoder); ok {
			e.Reset(&b)
			_, err := e.Write(text)
			if closeErr := e.Close(); err == nil && closeErr == nil {
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
