package terraformtest

import (
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// SchemaJSON gives the provider's schemas in the form of `terraform providers schema -json`, for one address,
// without descriptions.
func (core *Core) SchemaJSON() map[string]any {
	resources, dataSources := map[string]any{}, map[string]any{}
	for name, schema := range core.Schemas.ResourceSchemas {
		resources[name] = schemaJSON(schema)
	}
	for name, schema := range core.Schemas.DataSourceSchemas {
		dataSources[name] = schemaJSON(schema)
	}
	return normal(map[string]any{
		"provider": schemaJSON(core.Schemas.Provider), "resource_schemas": resources, "data_source_schemas": dataSources,
	}).(map[string]any)
}

func schemaJSON(schema *tfprotov6.Schema) map[string]any {
	return map[string]any{
		"version": schema.Version,
		"block":   map[string]any{"attributes": attributesJSON(schema.Block.Attributes), "description_kind": "plain"},
	}
}

func attributesJSON(attributes []*tfprotov6.SchemaAttribute) map[string]any {
	all := map[string]any{}
	for _, attribute := range attributes {
		entry := map[string]any{"description_kind": "plain"}
		if attribute.NestedType == nil {
			entry["type"] = typeJSON(attribute.Type)
		} else {
			entry["nested_type"] = map[string]any{
				"attributes":   attributesJSON(attribute.NestedType.Attributes),
				"nesting_mode": strings.ToLower(attribute.NestedType.Nesting.String()),
			}
		}
		for flag, set := range map[string]bool{
			"required": attribute.Required, "optional": attribute.Optional, "computed": attribute.Computed,
			"sensitive": attribute.Sensitive, "deprecated": attribute.Deprecated, "write_only": attribute.WriteOnly,
		} {
			if set {
				entry[flag] = true
			}
		}
		all[attribute.Name] = entry
	}
	return all
}

func typeJSON(valueType tftypes.Type) any {
	switch shape := valueType.(type) {
	case tftypes.Set:
		return []any{"set", typeJSON(shape.ElementType)}
	case tftypes.List:
		return []any{"list", typeJSON(shape.ElementType)}
	case tftypes.Map:
		return []any{"map", typeJSON(shape.ElementType)}
	}
	switch {
	case valueType.Is(tftypes.String):
		return "string"
	case valueType.Is(tftypes.Number):
		return "number"
	case valueType.Is(tftypes.Bool):
		return "bool"
	}
	panic("no JSON for the type " + valueType.String())
}

// normal passes a value through JSON, so that it compares with a decoded file.
func normal(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		panic(err)
	}
	return decoded
}
