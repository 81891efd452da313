package terraformtest

import (
	"fmt"
	"math/big"
	"sort"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// State is one object as Terraform keeps it. Its zero value is no object.
type State struct {
	value   tftypes.Value
	private []byte
}

// Unknown stands for a value that is known only after apply.
type Unknown struct{}

// IsNull tells whether there is no object.
func (state State) IsNull() bool { return state.value.Type() == nil || state.value.IsNull() }

// Get gives one attribute as plain Go: string, float64, bool, []any, map[string]any, nil, or Unknown.
func (state State) Get(attribute string) any {
	whole, ok := plain(state.value).(map[string]any)
	if !ok {
		return nil
	}
	value, exists := whole[attribute]
	if !exists {
		panic("there is no attribute " + attribute)
	}
	return value
}

// build makes a value of a type from plain Go; whatever is left out is null.
func build(valueType tftypes.Type, from any) tftypes.Value {
	if from == nil {
		return tftypes.NewValue(valueType, nil)
	}
	if _, unknown := from.(Unknown); unknown {
		return tftypes.NewValue(valueType, tftypes.UnknownValue)
	}
	switch shape := valueType.(type) {
	case tftypes.Object:
		given, values := from.(map[string]any), map[string]tftypes.Value{}
		for name, attributeType := range shape.AttributeTypes {
			values[name] = build(attributeType, given[name])
		}
		for name := range given {
			if _, known := shape.AttributeTypes[name]; !known {
				panic("there is no attribute " + name)
			}
		}
		return tftypes.NewValue(valueType, values)
	case tftypes.Map:
		values := map[string]tftypes.Value{}
		for name, value := range from.(map[string]any) {
			values[name] = build(shape.ElementType, value)
		}
		return tftypes.NewValue(valueType, values)
	case tftypes.Set:
		return tftypes.NewValue(valueType, buildAll(shape.ElementType, from.([]any)))
	case tftypes.List:
		return tftypes.NewValue(valueType, buildAll(shape.ElementType, from.([]any)))
	default:
		return tftypes.NewValue(valueType, from)
	}
}

func buildAll(elementType tftypes.Type, from []any) []tftypes.Value {
	values := []tftypes.Value{}
	for _, element := range from {
		values = append(values, build(elementType, element))
	}
	return values
}

// plain turns a value into plain Go.
func plain(value tftypes.Value) any {
	if value.Type() == nil || value.IsNull() {
		return nil
	}
	if !value.IsKnown() {
		return Unknown{}
	}
	switch valueType := value.Type(); {
	case valueType.Is(tftypes.String):
		return as[string](value)
	case valueType.Is(tftypes.Bool):
		return as[bool](value)
	case valueType.Is(tftypes.Number):
		exact := as[big.Float](value)
		number, _ := exact.Float64()
		return number
	case valueType.Is(tftypes.Object{}) || valueType.Is(tftypes.Map{}):
		whole := map[string]any{}
		for name, part := range as[map[string]tftypes.Value](value) {
			whole[name] = plain(part)
		}
		return whole
	default:
		elements := []any{}
		for _, element := range as[[]tftypes.Value](value) {
			elements = append(elements, plain(element))
		}
		return elements
	}
}

func as[T any](value tftypes.Value) T {
	var result T
	if err := value.As(&result); err != nil {
		panic(err)
	}
	return result
}

// proposedNew is the core's first idea of the new object: what is configured, and for a computed attribute that is not,
// what is there.
func proposedNew(schema []*tfprotov6.SchemaAttribute, valueType tftypes.Type, prior, config tftypes.Value) tftypes.Value {
	configured, present := as[map[string]tftypes.Value](config), map[string]tftypes.Value{}
	if !prior.IsNull() {
		present = as[map[string]tftypes.Value](prior)
	}
	values := map[string]tftypes.Value{}
	for _, attribute := range schema {
		value := configured[attribute.Name]
		before, exists := present[attribute.Name]
		switch {
		case value.IsNull() && attribute.Computed && exists:
			value = before
		case !value.IsNull() && value.IsKnown() && attribute.NestedType != nil &&
			attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && exists:
			value = proposedNew(attribute.NestedType.Attributes, value.Type(), before, value)
		}
		values[attribute.Name] = value
	}
	return tftypes.NewValue(valueType, values)
}

// inconsistencies names the attributes that were planned to be something else than they became.
func inconsistencies(planned, actual tftypes.Value) []string {
	if planned.IsNull() || actual.IsNull() {
		if planned.IsNull() == actual.IsNull() {
			return nil
		}
		return []string{"(the whole object)"}
	}
	became := as[map[string]tftypes.Value](actual)
	names := []string{}
	for name, value := range as[map[string]tftypes.Value](planned) {
		if !fits(value, became[name]) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// fits tells whether a value can have become another: unknown parts may become anything.
func fits(planned, actual tftypes.Value) bool {
	if !planned.IsKnown() {
		return true
	}
	if planned.IsFullyKnown() || planned.IsNull() || actual.IsNull() {
		return planned.Equal(actual)
	}
	switch valueType := planned.Type(); {
	case valueType.Is(tftypes.Object{}):
		became := as[map[string]tftypes.Value](actual)
		for name, part := range as[map[string]tftypes.Value](planned) {
			if !fits(part, became[name]) {
				return false
			}
		}
		return true
	case valueType.Is(tftypes.Set{}):
		return eachFitsOne(as[[]tftypes.Value](planned), as[[]tftypes.Value](actual))
	default:
		panic(fmt.Sprintf("no comparison for partly unknown %s", valueType))
	}
}

func eachFitsOne(planned, actual []tftypes.Value) bool {
	if len(planned) != len(actual) {
		return false
	}
	for _, element := range planned {
		found := false
		for _, candidate := range actual {
			found = found || fits(element, candidate)
		}
		if !found {
			return false
		}
	}
	return true
}
