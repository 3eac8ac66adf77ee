// Package fault is the one error type of the hub: a code for the caller, a cause for the log.
// It knows nothing of GraphQL or HTTP; the server turns a fault into an answer at one edge.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code is a word of the fixed list that a caller may see in extensions.code.
type Code string

// The fixed list. Nothing else leaves the hub.
const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	Invalid         Code = "INVALID"
	Conflict        Code = "CONFLICT"
	RateLimited     Code = "RATE_LIMITED"
	TooComplex      Code = "TOO_COMPLEX"
	TooLarge        Code = "TOO_LARGE"
	Unavailable     Code = "UNAVAILABLE"
	Internal        Code = "INTERNAL"
)

// Field is one refused field of an input: its name in the API, and why it was refused, without its value.
type Field struct {
	Name   string `json:"field"`
	Reason string `json:"reason"`

	template messageTemplate
}

// messageTemplate is how a text was put together, so that it can be said in another language.
type messageTemplate struct {
	format string
	args   []any
}

// NewField says why a field is refused.
func NewField(name, format string, args ...any) Field {
	return Field{Name: name, Reason: fmt.Sprintf(format, args...), template: messageTemplate{format, args}}
}

// TranslatedReason says the reason in a language: fr and es; English otherwise, and where there is no translation.
func (f Field) TranslatedReason(language string) string {
	return f.template.translateText(language, f.Reason)
}

// AsField is the fault's message as that of a field without a name.
func (e *Error) AsField() Field { return Field{Reason: e.Message, template: e.template} }

// Error is a failure with a public and an internal half. Message and Fields may be shown to the caller, so
// they never hold a stored value; Cause is for the log only.
type Error struct {
	Code       Code
	Message    string
	Fields     []Field
	Extensions map[string]any // further words of extensions: numbers and fixed words, never a stored value
	Cause      error

	template messageTemplate
}

// With adds a word to the fault's extensions.
func (e *Error) With(name string, value any) *Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions[name] = value
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault whose message is safe to show.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), template: messageTemplate{format, args}}
}

// Wrap returns an Internal fault: the caller learns nothing but that the hub failed, the log gets the cause.
func Wrap(cause error, doing string) *Error {
	return &Error{Code: Internal, Message: "The hub could not answer. Try again; if it lasts, tell the operator the request id.", Cause: fmt.Errorf("%s: %w", doing, cause)}
}

// InvalidField returns an Invalid fault about one field.
func InvalidField(name, format string, args ...any) *Error {
	return InvalidFields(NewField(name, format, args...))
}

// InvalidFields returns an Invalid fault about several fields; its message is about the first.
func InvalidFields(fields ...Field) *Error {
	return &Error{Code: Invalid, Message: fields[0].Name + ": " + fields[0].Reason, Fields: fields}
}

// Translated says the fault in a language: fr and es; English otherwise, and where there is no translation.
func (e *Error) Translated(language string) (message string, fields []Field) {
	message = e.template.translateText(language, e.Message)
	for i, f := range e.Fields {
		f.Reason = f.TranslatedReason(language)
		if fields = append(fields, f); i == 0 && e.template.format == "" && e.Message == f.Name+": "+e.Fields[0].Reason {
			message = f.Name + ": " + f.Reason
		}
	}
	return message, fields
}

func (s messageTemplate) translateText(language, english string) string {
	format := s.format
	if format == "" {
		format = english
	}
	at := map[string]int{"fr": 1, "es": 2}[language]
	said, ok := Translations[format]
	if at == 0 || !ok {
		return english
	}
	if len(s.args) == 0 {
		return said[at-1]
	}
	args := slices.Clone(s.args)
	for i := range args {
		if all, ok := args[i].(Sentences); ok {
			args[i] = all.joinTranslated(language)
		}
	}
	return fmt.Sprintf(said[at-1], args...)
}

// Sentences fill a blank of a text, one after the other, each in the language of the text.
type Sentences []Field

func (s Sentences) String() string { return s.joinTranslated("en") }

func (s Sentences) joinTranslated(language string) string {
	all := make([]string, len(s))
	for i, f := range s {
		all[i] = f.TranslatedReason(language)
	}
	return strings.Join(all, " ")
}

// As returns the fault inside err; any other error becomes an Internal one, so that its text stays inside.
func As(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return Wrap(err, "unexpected error")
}

// Is reports whether err is a fault with this code.
func Is(err error, code Code) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}
