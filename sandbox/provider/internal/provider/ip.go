package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ipResource is cherryservers_ip, a floating address.
type ipResource struct {
	session
}

// ipModel is cherryservers_ip as Terraform keeps it, resource and data source alike.
type ipModel struct {
	ID             types.String `tfsdk:"id"`
	ProjectID      types.Int64  `tfsdk:"project_id"`
	Region         types.String `tfsdk:"region"`
	TargetID       types.String `tfsdk:"target_id"`
	TargetHostname types.String `tfsdk:"target_hostname"`
	TargetIPID     types.String `tfsdk:"target_ip_id"`
	ARecord        types.String `tfsdk:"a_record"`
	ARecordSet     types.String `tfsdk:"a_record_effective"`
	PTRRecord      types.String `tfsdk:"ptr_record"`
	PTRRecordSet   types.String `tfsdk:"ptr_record_effective"`
	Address        types.String `tfsdk:"address"`
	AddressFamily  types.Int64  `tfsdk:"address_family"`
	CIDR           types.String `tfsdk:"cidr"`
	Gateway        types.String `tfsdk:"gateway"`
	Type           types.String `tfsdk:"type"`
	Tags           types.Map    `tfsdk:"tags"`
}

// record takes over what the API says. It completes both records (a dot, a domain), so what was configured stays as it
// was and the complete ones go into attributes of their own.
func (model *ipModel) record(ctx context.Context, ip cherry.IPAddress) (problems diag.Diagnostics) {
	model.ID = types.StringValue(ip.ID)
	model.ProjectID = types.Int64Value(int64(ip.Project.ID))
	model.Region = types.StringValue(ip.Region.Slug)
	model.TargetID = types.StringValue(strconv.Itoa(ip.TargetedTo.ID))
	model.TargetHostname = types.StringValue(ip.TargetedTo.Hostname)
	model.TargetIPID = types.StringValue(ip.RoutedTo.ID)
	model.ARecordSet = types.StringValue(ip.ARecord)
	model.PTRRecordSet = types.StringValue(ip.PTRRecord)
	model.Address = types.StringValue(ip.Address)
	model.AddressFamily = types.Int64Value(int64(ip.AddressFamily))
	model.CIDR = types.StringValue(ip.CIDR)
	model.Gateway = types.StringValue(ip.Gateway)
	model.Type = types.StringValue(ip.Type)
	model.Tags, problems = types.MapValueFrom(ctx, types.StringType, ip.Tags)
	return problems
}

func (*ipResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip"
}

// Create orders the address and reads it once.
func (work *ipResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model ipModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	wish := work.wishOf(ctx, &model, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	wish.Region = model.Region.ValueString()
	wish.PTRRecord = model.PTRRecord.ValueString()
	ip, err := work.client.CreateAddress(int(model.ProjectID.ValueInt64()), wish)
	if err != nil {
		resp.Diagnostics.AddError("unable to create a CherryServers IP resource", err.Error())
		return
	}
	ip, _, err = work.client.Address(ip.ID)
	if err != nil {
		resp.Diagnostics.AddError(unreadableIP, err.Error())
		return
	}
	resp.Diagnostics.Append(model.record(ctx, ip)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Read refreshes. The API may answer 403 for an address that is gone; that is an error here, for ever.
func (work *ipResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model ipModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ip, answer, err := work.client.Address(model.ID.ValueString())
	if err != nil && gone(answer) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError(unreadableIP, err.Error())
		return
	}
	resp.Diagnostics.Append(model.record(ctx, ip)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Update sends the pointer record only when it changed, since the API answers 500 to the present one.
func (work *ipResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var before, model ipModel
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	wish := work.wishOf(ctx, &model, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if !model.PTRRecord.Equal(before.PTRRecord) {
		wish.PTRRecord = model.PTRRecord.ValueString()
	}
	id := model.ID.ValueString()
	if err := work.client.ChangeAddress(id, wish); err != nil {
		resp.Diagnostics.AddError("unable to update a CherryServers ip resource", err.Error())
		return
	}
	ip, _, err := work.client.Address(id)
	if err != nil {
		resp.Diagnostics.AddError(unreadableIP, err.Error())
		return
	}
	resp.Diagnostics.Append(model.record(ctx, ip)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Delete detaches the address from its target, then ends it.
func (work *ipResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := work.client.DeleteAddress(id.ValueString()); err != nil {
		resp.Diagnostics.AddError("unable to delete a CherryServers ip resource", err.Error())
	}
}

// ImportState takes the address's id, which is a text.
func (*ipResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

const unreadableIP = "unable to read a CherryServers ip resource"

// wishOf gives what creating and updating have in common. Finding a target by its hostname takes a request.
func (work *ipResource) wishOf(ctx context.Context, model *ipModel, diagnostics *diag.Diagnostics) cherry.AddressWish {
	if diagnostics.HasError() {
		return cherry.AddressWish{}
	}
	wish := cherry.AddressWish{
		ARecord:    model.ARecord.ValueString(),
		RoutedTo:   model.TargetIPID.ValueString(),
		TargetedTo: "0",
		Tags:       tagsIn(ctx, model.Tags, diagnostics),
	}
	id, hostname := model.TargetID.ValueString(), model.TargetHostname.ValueString()
	switch {
	case id != "" && id != "0":
		wish.TargetedTo = id
	case hostname != "":
		target, err := work.serverNamed(hostname, int(model.ProjectID.ValueInt64()))
		if err != nil {
			diagnostics.AddError("invalid target server ID or hostname", err.Error())
		}
		wish.TargetedTo = strconv.Itoa(target)
	}
	return wish
}

// serverNamed finds a project's server by its hostname. Letter case does not count, and of twins the first is taken.
// An API that refuses the list looks like a project without such a server: its own words are lost.
func (work session) serverNamed(hostname string, project int) (int, error) {
	servers, _ := work.client.HostnamesIn(project)
	for _, server := range servers {
		if strings.EqualFold(server.Hostname, hostname) {
			return server.ID, nil
		}
	}
	return 0, fmt.Errorf("could not find server with `%s` hostname", hostname)
}
