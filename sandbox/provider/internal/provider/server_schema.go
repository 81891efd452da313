package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type attributes = map[string]schema.Attribute

// Schema is put together by what a change of an attribute costs (reference/cherry-api.md, section 2.1).
func (*serverResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := attributes{}
	for _, group := range []attributes{replacing(), reinstalling(), inPlace(ctx), observed()} {
		maps.Copy(all, group)
	}
	resp.Schema = schema.Schema{Attributes: all}
}

// replacing: a change destroys the server and makes another one.
func replacing() attributes {
	text := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	set := []planmodifier.Set{setplanmodifier.RequiresReplace()}
	return attributes{
		"plan":   schema.StringAttribute{Required: true, PlanModifiers: text},
		"region": schema.StringAttribute{Required: true, PlanModifiers: text},
		"project_id": schema.Int64Attribute{
			Required:      true,
			PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
		"cycle":         schema.StringAttribute{Optional: true, PlanModifiers: text},
		"discount_code": schema.StringAttribute{Optional: true, PlanModifiers: text},
		"spot_instance": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace(), boolplanmodifier.UseStateForUnknown()},
		},
		"extra_ip_addresses_ids": schema.SetAttribute{
			Optional: true, ElementType: types.StringType, PlanModifiers: set,
			Validators: []validator.Set{setvalidator.ConflictsWith(path.MatchRoot("ip_addresses_ids"))},
		},
		"ip_addresses_ids": schema.SetAttribute{
			Optional: true, ElementType: types.StringType, PlanModifiers: set,
			DeprecationMessage: "extra_ip_addresses_ids has taken its place",
		},
	}
}

// reinstalling: a change wipes the disk of the same server.
func reinstalling() attributes {
	return attributes{
		"image": schema.StringAttribute{
			Optional: true, Computed: true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), wipes{}},
		},
		"ssh_key_ids": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown(), wipes{}},
		},
		"user_data":         schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{wipes{}}},
		"os_partition_size": schema.Int64Attribute{Optional: true, PlanModifiers: []planmodifier.Int64{wipes{}}},
	}
}

// inPlace: a change goes to the running server, or only tells this provider what to do.
func inPlace(ctx context.Context) attributes {
	return attributes{
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"hostname": schema.StringAttribute{
			Optional: true, Computed: true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"tags": schema.MapAttribute{
			Optional: true, Computed: true, ElementType: types.StringType, Default: mapdefault.StaticValue(noTags),
			PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
		},
		"allow_reinstall": schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false)},
		"timeouts":        timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true}),
	}
}

// observed: told by the API. All but the price are taken to stay as they are over an update, hence Terraform's
// "inconsistent result" when a reinstallation changes the primary address or the power state.
func observed() attributes {
	keptText := schema.StringAttribute{
		Computed:      true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	return attributes{
		"id":          keptText,
		"state":       keptText,
		"power_state": keptText,
		"ip_addresses": schema.SetNestedAttribute{
			Computed:      true,
			PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
			NestedObject: schema.NestedAttributeObject{Attributes: attributes{
				"id":      keptText,
				"type":    keptText,
				"address": keptText,
				"address_family": schema.Int64Attribute{
					Computed:      true,
					PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
				},
				"cidr": keptText,
			}},
		},
		"pricing": schema.SingleNestedAttribute{
			Computed: true,
			Attributes: attributes{
				"price":    schema.Float32Attribute{Computed: true},
				"currency": schema.StringAttribute{Computed: true},
			},
		},
	}
}

// noTags is sent and kept where no tags are configured: {} and never null.
var noTags = types.MapValueMust(types.StringType, map[string]attr.Value{})
