package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// projectResource is cherryservers_project.
type projectResource struct {
	session
}

type projectModel struct {
	ID     types.String `tfsdk:"id"`
	Name   types.String `tfsdk:"name"`
	TeamID types.Int64  `tfsdk:"team_id"`
	BGP    types.Object `tfsdk:"bgp"`
}

var projectBGPType = map[string]attr.Type{"enabled": types.BoolType, "local_asn": types.Int64Type}

// record takes over what the API says, which leaves out the team.
func (model *projectModel) record(project cherry.Project) {
	model.ID = types.StringValue(strconv.Itoa(project.ID))
	model.Name = types.StringValue(project.Name)
	model.BGP = types.ObjectValueMust(projectBGPType, map[string]attr.Value{
		"enabled":   types.BoolValue(project.BGP.Enabled),
		"local_asn": types.Int64Value(int64(project.BGP.LocalASN)),
	})
}

func (model *projectModel) number() int {
	id, _ := strconv.Atoi(model.ID.ValueString())
	return id
}

func (model *projectModel) wantsBGP() bool {
	enabled, ok := model.BGP.Attributes()["enabled"].(types.Bool)
	return ok && enabled.ValueBool()
}

func (*projectResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_project"
}

// Schema: another team is another project; name and BGP change in place.
func (*projectResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	without := types.ObjectValueMust(projectBGPType, map[string]attr.Value{
		"enabled": types.BoolValue(false), "local_asn": types.Int64Unknown(),
	})
	resp.Schema = schema.Schema{Attributes: attributes{
		"id": schema.StringAttribute{
			Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{Required: true},
		"team_id": schema.Int64Attribute{
			Required: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
		"bgp": schema.SingleNestedAttribute{
			Optional: true, Computed: true, Default: objectdefault.StaticValue(without),
			Attributes: attributes{
				"enabled": schema.BoolAttribute{Required: true},
				"local_asn": schema.Int64Attribute{
					Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
				},
			},
		},
	}}
}

// Create makes the project; its state comes from the answer itself.
func (work *projectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model projectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	project, err := work.client.CreateProject(int(model.TeamID.ValueInt64()), model.Name.ValueString(), model.wantsBGP())
	if err != nil {
		resp.Diagnostics.AddError("unable to create a CherryServers project resource", err.Error())
		return
	}
	model.record(project)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Read refreshes all but the team.
func (work *projectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model projectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	project, answer, err := work.client.Project(model.number())
	if err != nil && gone(answer) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers project resource", err.Error())
		return
	}
	model.record(project)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Update sends name and BGP, both always.
func (work *projectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model projectModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	project, err := work.client.ChangeProject(model.number(), model.Name.ValueString(), model.wantsBGP())
	if err != nil {
		resp.Diagnostics.AddError("unable to update a CherryServers project resource", err.Error())
		return
	}
	model.record(project)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Delete ends the project.
func (work *projectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model projectModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := work.client.DeleteProject(model.number()); err != nil {
		resp.Diagnostics.AddError("unable to delete a CherryServers project resource", err.Error())
	}
}

// ImportState takes "team_id,project_id", since the API does not say a project's team.
func (*projectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	team, id, found := strings.Cut(req.ID, ",")
	if !found || team == "" || id == "" || strings.Contains(id, ",") {
		resp.Diagnostics.AddError("Unexpected Import Identifier",
			fmt.Sprintf("A project is imported by team_id,project_id; this is %q.", req.ID))
		return
	}
	number, err := strconv.Atoi(team)
	if err != nil {
		resp.Diagnostics.AddError("Invalid team_id Import Identifier", fmt.Sprintf("%q is no team's number.", team))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("team_id"), int64(number))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}
