package plan

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

func (w *jsonWriter) writeCell(o *answerField, v *query.Value) {
	if v.Null {
		w.writeRaw("null")
		return
	}
	switch o.value {
	case model.Int:
		w.buf = strconv.AppendInt(w.buf, v.Int, 10)
	case model.Float:
		w.buf = strconv.AppendFloat(w.buf, v.Float, 'g', -1, 64)
	case model.Bool:
		w.buf = strconv.AppendBool(w.buf, v.Int != 0)
	case model.Decimal:
		w.writeString(formatDecimal(v.Int))
	case model.Time:
		w.writeRaw(`"`)
		w.buf = v.Time.AppendFormat(w.buf, time.RFC3339Nano)
		w.writeRaw(`"`)
	case model.Date:
		w.writeRaw(`"`)
		w.buf = v.Time.AppendFormat(w.buf, time.DateOnly)
		w.writeRaw(`"`)
	case model.Enum:
		w.writeString(strings.ToUpper(v.Text))
	case model.Enums:
		w.writeStrings(upperAll(v.List()))
	case model.Strings:
		list := v.List()
		if o.target != nil {
			for i, s := range list {
				key, err := uuid.Parse(s)
				if err == nil {
					list[i] = ID(o.target, key)
				}
			}
		}
		w.writeStrings(list)
	default:
		w.writeString(v.Text)
	}
}

func upperAll(list []string) []string {
	for i, s := range list {
		list[i] = strings.ToUpper(s)
	}
	return list
}

// formatDecimal writes hundredths as "1234.50".
func formatDecimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strconv.FormatInt(n%100+100, 10)[1:]
	return sign + strconv.FormatInt(n/100, 10) + "." + cents
}

func decodeTexts(v *query.Value) map[string]string {
	var m map[string]string
	if json.Unmarshal([]byte(v.Text), &m) != nil {
		return nil
	}
	return m
}

func (w *jsonWriter) writeTexts(kids []answerField, v *query.Value) {
	if v.Null {
		w.writeRaw("null")
		return
	}
	m := decodeTexts(v)
	tags := make([]string, 0, len(m))
	for tag := range m {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	w.writeRaw("[")
	for i, tag := range tags {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeRaw("{")
		for j, k := range kids {
			if j > 0 {
				w.writeRaw(",")
			}
			w.writeRaw(k.key)
			w.writeString(map[string]string{"language": tag, "text": m[tag], "__typename": "LocalizedText"}[k.name])
		}
		w.writeRaw("}")
	}
	w.writeRaw("]")
}

func (w *jsonWriter) writeStrings(items []string) {
	w.writeRaw("[")
	for i, s := range items {
		if i > 0 {
			w.writeRaw(",")
		}
		w.writeString(s)
	}
	w.writeRaw("]")
}

// writeString writes a JSON string. Nearly every text needs no escape and is copied without json.Marshal.
func (w *jsonWriter) writeString(s string) {
	valid := false // known to be UTF-8 to the end
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf && !valid {
			valid = utf8.ValidString(s)
		}
		if c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c >= utf8.RuneSelf && !valid {
			quoted, err := json.Marshal(s)
			if err != nil {
				quoted = []byte(`""`)
			}
			w.buf = append(w.buf, quoted...)
			return
		}
	}
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '"')
}
