package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Schema: an address changes project or region by replacement; its three kinds of target exclude each other and are
// changed in place.
func (*ipResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	told := func(modifier planmodifier.String) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{modifier}}
	}
	fixed := told(stringplanmodifier.UseStateForUnknown())

	resp.Schema = schema.Schema{Attributes: attributes{
		"project_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
		"region": schema.StringAttribute{
			Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},

		"target_id":       target("target_hostname", "target_ip_id"),
		"target_hostname": target("target_id", "target_ip_id"),
		"target_ip_id":    target("target_id", "target_hostname"),

		"a_record":             schema.StringAttribute{Optional: true},
		"a_record_effective":   told(keptUnless("a_record")),
		"ptr_record":           schema.StringAttribute{Optional: true},
		"ptr_record_effective": told(keptUnless("ptr_record")),
		"tags": schema.MapAttribute{
			Optional: true, Computed: true, ElementType: types.StringType, Default: mapdefault.StaticValue(noTags),
		},

		"id":      fixed,
		"address": fixed,
		"address_family": schema.Int64Attribute{
			Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"cidr":    fixed,
		"gateway": fixed,
		"type":    fixed,
	}}
}

// target is one of the three ways to say what an address points at.
func target(others ...string) schema.StringAttribute {
	conflicts := make([]path.Expression, 0, len(others))
	for _, other := range others {
		conflicts = append(conflicts, path.MatchRoot(other))
	}
	return schema.StringAttribute{
		Optional: true, Computed: true,
		PlanModifiers: []planmodifier.String{keptUnless(others...)},
		Validators:    []validator.String{stringvalidator.ConflictsWith(conflicts...)},
	}
}
