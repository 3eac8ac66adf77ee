package query

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// KeyScan scans a key that may be null. Valid is false for null.
type KeyScan struct {
	Key   uuid.UUID
	Valid bool
}

// Scan implements sql.Scanner. It takes null, or a UUID as text. It fails for any other value.
func (k *KeyScan) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		k.Valid = false
		return nil
	case []byte:
		k.Key, err = uuid.ParseBytes(v)
	case string:
		k.Key, err = uuid.Parse(v)
	default:
		err = fmt.Errorf("cannot scan a key from a value of type %T", src)
	}
	k.Valid = err == nil
	return err
}

// BoolScan scans the value of a condition. Null is false.
type BoolScan bool

// Scan implements sql.Scanner. It takes a boolean of PostgreSQL or a number of SQLite. Any other value is false. It
// never fails.
func (b *BoolScan) Scan(src any) error {
	switch v := src.(type) {
	case bool:
		*b = BoolScan(v)
	case int64:
		*b = v != 0
	default:
		*b = false
	}
	return nil
}

// CellScan scans a column into a Value of the field's kind, in each form that the two drivers give it. ScanInto makes
// one.
type CellScan struct {
	target *Value
	kind   model.Kind
	rule   string // of a derived field, else ""
}

// ScanInto returns a sql.Scanner that scans a column of the kind into v.
func ScanInto(v *Value, kind model.Kind) *CellScan { return &CellScan{v, kind, ""} }

// Scan implements sql.Scanner. It replaces the target's whole value. It fails when the driver's value does not fit the
// kind, or when the model names an unknown rule of a derived field.
func (c *CellScan) Scan(src any) error {
	*c.target = Value{}
	if src == nil {
		c.target.Null = true
		return nil
	}
	if text, ok := src.([]byte); ok {
		src = string(text)
	}
	if err := c.target.setFromDriver(src, c.kind); err != nil {
		return err
	}
	if c.rule != "" {
		return c.target.applyDerivationRule(c.rule)
	}
	return nil
}

// setFromDriver sets the member of the value that belongs to the kind. The source is not null, and not a byte slice.
func (v *Value) setFromDriver(src any, kind model.Kind) (err error) {
	switch kind {
	case model.Int, model.Decimal, model.Bool:
		switch s := src.(type) {
		case int64:
			v.Int = s
		case bool:
			if s {
				v.Int = 1
			}
		case string:
			v.Int, err = strconv.ParseInt(s, 10, 64)
		default:
			return fmt.Errorf("cannot scan a whole number from a value of type %T", src)
		}
	case model.Float:
		switch s := src.(type) {
		case float64:
			v.Float = s
		case int64:
			v.Float = float64(s)
		case string:
			v.Float, err = strconv.ParseFloat(s, 64)
		default:
			return fmt.Errorf("cannot scan a number from a value of type %T", src)
		}
	case model.Time, model.Date:
		v.Time, err = parseTime(src)
	default:
		text, ok := src.(string)
		if !ok {
			return fmt.Errorf("cannot scan a text from a value of type %T", src)
		}
		v.Text = text
	}
	return err
}

// timeFormats lists the forms in which a time arrives as text when the driver does not know that the value is a time.
var timeFormats = []string{
	"2006-01-02 15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02",
	time.RFC3339Nano,
}

// parseTime returns a time from the driver in UTC.
func parseTime(src any) (time.Time, error) {
	switch s := src.(type) {
	case time.Time:
		return s.UTC(), nil
	case string:
		for _, form := range timeFormats {
			if t, err := time.Parse(form, s); err == nil {
				return t.UTC(), nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("cannot scan a time from a value of type %T", src)
}
