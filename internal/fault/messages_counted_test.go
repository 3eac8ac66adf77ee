package fault

import (
	"strings"
	"testing"

	"rightshub/internal/languages"
)

// TestCountedMessages checks the words for some counts in each language.
func TestCountedMessages(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
		want   languages.Texts
	}{
		{"%d rows", []any{0}, languages.Texts{"0 rows", "0 ligne", "0 filas"}},
		{"%d rows", []any{1}, languages.Texts{"1 row", "1 ligne", "1 fila"}},
		{"%d rows", []any{2}, languages.Texts{"2 rows", "2 lignes", "2 filas"}},
		{"%d rows", []any{1234567}, languages.Texts{"1234567 rows", "1234567 lignes", "1234567 filas"}},
		{
			"%d rows, %d new, %d changed, %d refused (done)",
			[]any{1, 1, 2, 0},
			languages.Texts{
				"1 row, 1 new, 2 changed, 0 refused (done)",
				"1 ligne, 1 nouvelle, 2 modifiées, 0 refusée (fait)",
				"1 fila, 1 nueva, 2 cambiadas, 0 rechazadas (hecho)",
			},
		},
		{
			"You requested more than %d objects per second. Wait %d seconds.",
			[]any{20000, 1},
			languages.Texts{
				"You requested more than 20000 objects per second. Wait 1 second.",
				"Vous avez demandé plus de 20000 objets par seconde. Attendez 1 seconde.",
				"Ha pedido más de 20000 objetos por segundo. Espere 1 segundo.",
			},
		},
	} {
		for i, language := range languages.All {
			if got, _ := New(Invalid, c.format, c.args...).Translated(language); got != c.want[i] {
				t.Errorf("%s in %s: %q, want %q", c.format, language, got, c.want[i])
			}
		}
		if got := New(Invalid, c.format, c.args...).Message; got != c.want[0] {
			t.Errorf("the message of the fault is %q, want %q", got, c.want[0])
		}
	}
}

// TestCountedMessagesAreComplete checks that each message has words for one and for many in each language, and that
// none of them has a verb without an argument.
func TestCountedMessagesAreComplete(t *testing.T) {
	for format := range countedMessages {
		if _, ok := Translations[format]; ok {
			t.Errorf("%q is in Translations too", format)
		}
		verbs := strings.Count(format, "%d")
		for _, language := range languages.All {
			texts := map[string]bool{}
			for n := 1; n <= 2; n++ {
				args := make([]any, verbs)
				for i := range args {
					args[i] = n
				}
				text := formatCounted(language, format, args)
				if strings.ContainsAny(text, "%${}!") {
					t.Errorf("%q in %s is malformed: %q", format, language, text)
				}
				texts[strings.Map(func(r rune) rune {
					if r == '1' || r == '2' {
						return -1
					}
					return r
				}, text)] = true
			}
			if len(texts) != 2 {
				t.Errorf("%q in %s has the same words for one and for two", format, language)
			}
		}
	}
}
