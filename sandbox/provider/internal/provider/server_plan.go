package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan leaves a private address open where the server is going to be re-installed: it may get another one.
// The primary address is taken to stay.
func (*serverResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var before, after serverModel
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &after)...)
	if resp.Diagnostics.HasError() || !after.reinstalls(&before) {
		return
	}
	addresses, problems := privateOnesOpen(after.Addresses)
	resp.Diagnostics.Append(problems...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("ip_addresses"), addresses)...)
}

func privateOnesOpen(addresses types.Set) (types.Set, diag.Diagnostics) {
	open := []attr.Value{}
	for _, element := range addresses.Elements() {
		address, isObject := element.(types.Object)
		if !isObject || !address.Attributes()["type"].Equal(types.StringValue("private-ip")) {
			open = append(open, element)
			continue
		}
		values := maps.Clone(address.Attributes())
		for _, name := range []string{"id", "address", "cidr"} {
			values[name] = types.StringUnknown()
		}
		open = append(open, types.ObjectValueMust(addressType.AttrTypes, values))
	}
	return types.SetValue(addressType, open)
}
