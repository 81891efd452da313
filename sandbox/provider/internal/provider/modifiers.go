package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// wipes marks an attribute whose change re-installs the server. The plan calls that an in-place update; this warning is
// all that tells of it.
type wipes struct{}

func (wipes) Description(context.Context) string {
	return "warns that a change wipes the server's disk"
}

func (modifier wipes) MarkdownDescription(ctx context.Context) string {
	return modifier.Description(ctx)
}

func (wipes) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	warnOfWipe(&resp.Diagnostics, req.Path, req.State.Raw, req.Plan.Raw, req.StateValue, req.PlanValue)
}

func (wipes) PlanModifySet(_ context.Context, req planmodifier.SetRequest, resp *planmodifier.SetResponse) {
	warnOfWipe(&resp.Diagnostics, req.Path, req.State.Raw, req.Plan.Raw, req.StateValue, req.PlanValue)
}

func (wipes) PlanModifyInt64(_ context.Context, req planmodifier.Int64Request, resp *planmodifier.Int64Response) {
	warnOfWipe(&resp.Diagnostics, req.Path, req.State.Raw, req.Plan.Raw, req.StateValue, req.PlanValue)
}

func warnOfWipe(diagnostics *diag.Diagnostics, at path.Path, state, plan tftypes.Value, before, after attr.Value) {
	if state.IsNull() || plan.IsNull() || after.Equal(before) {
		return
	}
	diagnostics.AddAttributeWarning(at, "Server re-install required.",
		"This attribute can only be changed by re-installing the server, although the plan calls it an in-place update. "+
			"That will wipe all of your data, and may take a while.")
}

// keptUnless keeps a computed value from the state while none of the named attributes is configured with a value other
// than the state's. An attribute taken out of the configuration does not count: that is how dropping target_id leaves
// an address attached.
func keptUnless(siblings ...string) planmodifier.String {
	return kept{siblings}
}

type kept struct{ siblings []string }

func (kept) Description(context.Context) string {
	return "keeps the present value unless another attribute's configuration changes"
}

func (modifier kept) MarkdownDescription(ctx context.Context) string {
	return modifier.Description(ctx)
}

func (modifier kept) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || !req.PlanValue.IsUnknown() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, sibling := range modifier.siblings {
		var configured, present attr.Value
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(sibling), &configured)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(sibling), &present)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if !configured.IsNull() && !configured.Equal(present) {
			return
		}
	}
	resp.PlanValue = req.StateValue
}
