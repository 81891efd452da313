package provider

import (
	"context"
	"strconv"
	"strings"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// keyResource is cherryservers_ssh_key.
type keyResource struct {
	session
}

type keyModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	PublicKey   types.String `tfsdk:"public_key"`
	Fingerprint types.String `tfsdk:"fingerprint"`
	Created     types.String `tfsdk:"created"`
	Updated     types.String `tfsdk:"updated"`
}

// record takes over what the API says. White space around the configured key is no difference.
func (model *keyModel) record(key cherry.SSHKey) {
	model.ID = types.StringValue(strconv.Itoa(key.ID))
	model.Name = types.StringValue(key.Label)
	model.Fingerprint = types.StringValue(key.Fingerprint)
	model.Created = types.StringValue(key.Created)
	model.Updated = types.StringValue(key.Updated)
	if model.text() != key.Key {
		model.PublicKey = types.StringValue(key.Key)
	}
}

// text is the key as it is sent.
func (model *keyModel) text() string {
	return strings.TrimSpace(model.PublicKey.ValueString())
}

func (model *keyModel) number(diagnostics *diag.Diagnostics) int {
	id, err := strconv.Atoi(model.ID.ValueString())
	if err != nil {
		diagnostics.AddError("invalid ssh_key ID in state", err.Error())
	}
	return id
}

func (*keyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ssh_key"
}

// Schema: name and key change in place, under the same id. Servers installed with the old key text keep it.
func (*keyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	fixed := schema.StringAttribute{
		Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	resp.Schema = schema.Schema{Attributes: attributes{
		"id":         fixed,
		"name":       schema.StringAttribute{Required: true},
		"public_key": schema.StringAttribute{Required: true},
		"fingerprint": schema.StringAttribute{
			Computed: true, PlanModifiers: []planmodifier.String{keptUnless("public_key")},
		},
		"created": fixed,
		"updated": schema.StringAttribute{Computed: true},
	}}
}

// Create registers the key and reads it.
func (work *keyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model keyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	key, err := work.client.CreateKey(model.Name.ValueString(), model.text())
	if err != nil {
		resp.Diagnostics.AddError("Error creating SSH key", err.Error())
		return
	}
	key, _, err = work.client.Key(key.ID)
	if err != nil {
		resp.Diagnostics.AddError("Error reading SSH key", err.Error())
		return
	}
	model.record(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Read refreshes.
func (work *keyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model keyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	id := model.number(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	key, answer, err := work.client.Key(id)
	if err != nil && gone(answer) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers ssh_key resource", err.Error())
		return
	}
	model.record(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Update changes label and text under the same id, and reads the key.
func (work *keyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model keyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	id := model.number(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := work.client.ChangeKey(id, model.Name.ValueString(), model.text()); err != nil {
		resp.Diagnostics.AddError("error updating SSH key", err.Error())
		return
	}
	key, _, err := work.client.Key(id)
	if err != nil {
		resp.Diagnostics.AddError("error reading SSH key", err.Error())
		return
	}
	model.record(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Delete removes the key; one that is gone already is an error.
func (work *keyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model keyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	id := model.number(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := work.client.DeleteKey(id); err != nil {
		resp.Diagnostics.AddError("error deleting SSH key", err.Error())
	}
}

// ImportState takes the numeric id.
func (*keyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
