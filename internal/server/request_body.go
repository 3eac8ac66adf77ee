package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"

	"rightshub/internal/fault"
)

var (
	errSlowBody = fault.New(fault.Unavailable,
		"The body did not arrive within the time limit of a request. Try again, or send less at once.").
		WithStatus(http.StatusRequestTimeout)
	errContentEncoding = fault.New(fault.Invalid, "Send the body in gzip, with Content-Encoding: gzip, or as it is.").
				WithStatus(http.StatusUnsupportedMediaType)
	errNotGzip = fault.New(fault.Invalid, "The body is not in gzip, as its Content-Encoding says, or it ended too early.")
)

// readBody reads the request from the body of a POST. No error repeats any part of the body.
func readBody(r *http.Request) (*request, error) {
	t, p, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || t != plainJSON || p["charset"] != "" && !strings.EqualFold(p["charset"], "utf-8") {
		return nil, errMediaType
	}
	encoding := strings.ToLower(strings.Join(r.Header.Values("Content-Encoding"), ","))
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		f := errLargeBody()
		if r.ContentLength > MaxBodyBytes {
			f.With("asked", r.ContentLength)
		}
		return nil, f
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errSlowBody
	case err != nil:
		return nil, fault.New(fault.Invalid, "The body ended too early. Send the request again.")
	case encoding == "gzip" || encoding == "x-gzip":
		if body, err = unpackGzip(body); err != nil {
			return nil, err
		}
	case encoding != "" && encoding != "identity":
		return nil, errContentEncoding
	}
	if bytes.HasPrefix(body, []byte("\xFF\xFE")) || bytes.HasPrefix(body, []byte("\xFE\xFF")) { // UTF-16
		return nil, errMediaType
	}
	return parseBody(bytes.TrimPrefix(body, []byte("\uFEFF"))) // some programs begin UTF-8 with U+FEFF
}

func errLargeBody() *fault.Error {
	return fault.New(fault.TooLarge, "The body is larger than %d bytes. Send less at once.", MaxBodyBytes).
		WithLimit("bytes", MaxBodyBytes)
}

// unpackGzip returns the text of a body in gzip. The limit of a body holds for the text too, because a few bytes of
// gzip can stand for a large text.
func unpackGzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errNotGzip
	}
	text, err := io.ReadAll(io.LimitReader(z, MaxBodyBytes+1))
	if err != nil {
		return nil, errNotGzip
	}
	if len(text) > MaxBodyBytes {
		return nil, errLargeBody()
	}
	return text, nil
}
