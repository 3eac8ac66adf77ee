package exchange

import "testing"

// TestFigureKind checks that the three languages say what is a target, and that an unclear name is refused.
func TestFigureKind(t *testing.T) {
	for name, want := range map[string]string{
		"Trained (target)": "target", "Agents formés (cible)": "target", "Trained (Target)": "target",
		"Formados (META)": "target", "Equipped (target, minimum)": "target", "Formés [objectif]": "target",
		"Trained": "actual", "Trained (minimum)": "actual", "Target group reached (actual)": "actual",
		"Enfants du groupe cible (réalisé)": "actual", "Targeting of children": "actual",
	} {
		if kind, ok := figureKind(name); !ok || kind != want {
			t.Errorf("%q is %s %v, want %s", name, kind, ok, want)
		}
	}
	for _, name := range []string{"Target: trained", "Formés – cible", "Met (target) (actual)", "Formés (cible 2024)"} {
		if kind, ok := figureKind(name); ok {
			t.Errorf("%q is taken as %s", name, kind)
		}
	}
}

// TestMeasureForUnit checks that the three languages say what is a percentage, and that an unclear unit is refused.
func TestMeasureForUnit(t *testing.T) {
	for unit, want := range map[string]string{
		"%": "percentage", "Percent": "percentage", "pourcentage": "percentage", "Porcentaje": "percentage",
		"POR CIENTO": "percentage", "(%)": "percentage", "people": "unit", "": "unit", "CAD": "unit",
	} {
		if measure, ok := measureForUnit(unit); !ok || measure != want {
			t.Errorf("%q is %s %v, want %s", unit, measure, ok, want)
		}
	}
	for _, unit := range []string{"percentage points", "% of people", "45%", "pour cent des enfants"} {
		if measure, ok := measureForUnit(unit); ok {
			t.Errorf("%q is taken as %s", unit, measure)
		}
	}
}
