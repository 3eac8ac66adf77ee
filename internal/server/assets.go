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

// asset is a file that the pages are made of, ready to be sent. On a poor line it crosses once: its address holds the
// hash of its content, so that browsers keep it for ever, and it goes compressed.
type asset struct {
	name, contentType, hash string
	plain                   []byte
	compressed              map[string]func() []byte // by encoding
}

// assetEncodings are the encodings that files are kept in, best first, each with what compresses: once, and so as well as it
// goes without keeping the first reader waiting.
var assetEncodings = []string{"br", "gzip"}

var assetCompressors = map[string]func(io.Writer) (io.WriteCloser, error){
	"br":   func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 9), nil },
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) },
}

// assets are the files by name.
type assets map[string]*asset

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
		sum := sha256.Sum256(text)
		kind := mime.TypeByExtension(path.Ext(e.Name()))
		packed := map[string]func() []byte{}
		for name, packer := range assetCompressors {
			packed[name] = sync.OnceValue(func() []byte { return compressAsset(text, packer) })
		}
		out[e.Name()] = &asset{e.Name(), kind, base64.RawURLEncoding.EncodeToString(sum[:12]), text, packed}
	}
	return out, nil
}

// compressAsset compresses; nil where that fails.
func compressAsset(text []byte, packer func(io.Writer) (io.WriteCloser, error)) []byte {
	var b bytes.Buffer
	w, err := packer(&b)
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

// URL is where a page finds a file.
func (a assets) URL(name string) string {
	if f := a[name]; f != nil {
		return "/graphiql/assets/" + name + "?v=" + f.hash
	}
	return ""
}

// ServeHTTP answers /graphiql/assets/NAME.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a[r.PathValue("name")]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == f.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	text, tag := f.plain, f.hash
	if name := negotiateEncoding(r.Header.Get("Accept-Encoding"), assetEncodings); name != "" && f.compressed[name]() != nil {
		text, tag = f.compressed[name](), f.hash+"-"+name
		h.Set("Content-Encoding", name)
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(text))
}
