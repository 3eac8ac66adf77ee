package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file of the pages, ready to be sent. A slow connection carries it only once, and compressed: its URL
// holds the hash of its content, so that browsers may cache it forever.
type asset struct {
	name, contentType, hash string
	plain                   []byte
	compressed              map[string]func() []byte // by encoding; returns nil when the compression failed
}

// assetEncodings are the encodings of compressed assets, best first.
var assetEncodings = []string{"br", "gzip"}

// assetCompressors are the compressors of assetEncodings. A file is compressed once, when it is first requested. So the
// levels are the best that do not keep that first reader waiting.
var assetCompressors = map[string]func(io.Writer) (io.WriteCloser, error){
	"br":   func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 9), nil },
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) },
}

// assets holds the assets by file name.
type assets map[string]*asset

// readAssets reads the embedded files. It compresses nothing yet.
func readAssets() (assets, error) {
	out := assets{}
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := fs.ReadFile(assetFiles, "assets/"+e.Name())
		if err != nil {
			return nil, err
		}
		out[e.Name()] = newAsset(e.Name(), mime.TypeByExtension(path.Ext(e.Name())), text)
	}
	return out, nil
}

// newAsset makes an asset of a text. It compresses nothing yet.
func newAsset(name, contentType string, text []byte) *asset {
	sum := sha256.Sum256(text)
	compressed := map[string]func() []byte{}
	for encoding, newCompressor := range assetCompressors {
		compressed[encoding] = sync.OnceValue(func() []byte { return compressAsset(text, newCompressor) })
	}
	return &asset{name, contentType, base64.RawURLEncoding.EncodeToString(sum[:12]), text, compressed}
}

// compressAsset returns the compressed text, or nil when the compression fails.
func compressAsset(text []byte, newCompressor func(io.Writer) (io.WriteCloser, error)) []byte {
	var b bytes.Buffer
	w, err := newCompressor(&b)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil
	}
	return b.Bytes()
}

// path returns the path and query of a file within the hub, or "" when there is no such file.
func (a assets) path(name string) string {
	if f := a[name]; f != nil {
		return "/graphiql/assets/" + name + "?v=" + f.hash
	}
	return ""
}

// ServeHTTP answers /graphiql/assets/NAME. Only a URL with the current hash may be cached forever.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a[r.PathValue("name")]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	f.serve(w, r)
}

// serve answers with the asset, compressed if the client accepts that, or with status 304 if the client has it.
func (f *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	text, tag := f.plain, f.hash
	if name := negotiateEncoding(r.Header.Get("Accept-Encoding"), assetEncodings); name != "" {
		if compressed := f.compressed[name](); compressed != nil {
			text, tag = compressed, f.hash+"-"+name
			h.Set("Content-Encoding", name)
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(text))
}
