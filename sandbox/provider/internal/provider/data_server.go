package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// serverData is the data source cherryservers_server: by id, or by hostname and project.
type serverData struct {
	lookup
}

type serverDataModel struct {
	ID              types.String   `tfsdk:"id"`
	Plan            types.String   `tfsdk:"plan"`
	ProjectID       types.Int64    `tfsdk:"project_id"`
	Region          types.String   `tfsdk:"region"`
	Name            types.String   `tfsdk:"name"`
	Hostname        types.String   `tfsdk:"hostname"`
	Tags            types.Map      `tfsdk:"tags"`
	Image           types.String   `tfsdk:"image"`
	KeyIDs          types.Set      `tfsdk:"ssh_key_ids"`
	OSPartitionSize types.Int64    `tfsdk:"os_partition_size"`
	SpotInstance    types.Bool     `tfsdk:"spot_instance"`
	State           types.String   `tfsdk:"state"`
	PowerState      types.String   `tfsdk:"power_state"`
	Addresses       types.Set      `tfsdk:"ip_addresses"`
	Pricing         types.Object   `tfsdk:"pricing"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func (*serverData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_server"
}

func (*serverData) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{
		"id":                schema.StringAttribute{Optional: true, Computed: true},
		"hostname":          schema.StringAttribute{Optional: true, Computed: true},
		"project_id":        schema.Int64Attribute{Optional: true, Computed: true},
		"plan":              aText,
		"region":            aText,
		"name":              aText,
		"tags":              schema.MapAttribute{Computed: true, ElementType: types.StringType},
		"image":             aText,
		"ssh_key_ids":       schema.SetAttribute{Computed: true, ElementType: types.StringType},
		"os_partition_size": aNumber,
		"spot_instance":     schema.BoolAttribute{Computed: true},
		"state":             aText,
		"power_state":       aText,
		"ip_addresses": schema.SetNestedAttribute{
			Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: reported{
				"id": aText, "type": aText, "address": aText, "address_family": aNumber, "cidr": aText,
			}},
		},
		"pricing": schema.SingleNestedAttribute{
			Computed:   true,
			Attributes: reported{"price": schema.Float32Attribute{Computed: true}, "currency": aText},
		},
		"timeouts": timeouts.Attributes(ctx),
	}}
}

func (*serverData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return byIDOrIn("hostname")
}

// Read finds the id if need be, then asks what a refresh of the resource asks.
func (work *serverData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model serverDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, err := strconv.Atoi(model.ID.ValueString())
	if hostname := model.Hostname.ValueString(); hostname != "" {
		id, err = work.serverNamed(hostname, int(model.ProjectID.ValueInt64()))
	}
	if err != nil {
		resp.Diagnostics.AddError("couldn't tell which server is meant", err.Error())
		return
	}
	server, _, err := work.client.Server(id)
	if err != nil {
		resp.Diagnostics.AddError("server not found", err.Error())
		return
	}
	power, err := work.client.Power(server.ID)
	if err != nil {
		resp.Diagnostics.AddError(noPowerState, err.Error())
		return
	}
	var found serverModel
	resp.Diagnostics.Append(work.record(ctx, &found, server, power)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &serverDataModel{
		ID: found.ID, Plan: found.Plan, ProjectID: found.ProjectID, Region: found.Region, Name: found.Name,
		Hostname: found.Hostname, Tags: found.Tags, Image: found.Image, KeyIDs: found.KeyIDs,
		OSPartitionSize: types.Int64Null(), SpotInstance: found.SpotInstance, State: found.State,
		PowerState: found.PowerState, Addresses: found.Addresses, Pricing: found.Pricing, Timeouts: model.Timeouts,
	})...)
}

// reported are the attributes of a data source.
type reported = map[string]schema.Attribute

var (
	aText   = schema.StringAttribute{Computed: true}
	aNumber = schema.Int64Attribute{Computed: true}
)

// byIDOrIn demands either an id, or the named attribute together with a project.
func byIDOrIn(name string) []datasource.ConfigValidator {
	id, project, other := path.MatchRoot("id"), path.MatchRoot("project_id"), path.MatchRoot(name)
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(other, id),
		datasourcevalidator.ExactlyOneOf(project, id),
		datasourcevalidator.RequiredTogether(other, project),
	}
}

// byIDOr demands either an id or the named attribute.
func byIDOr(name string) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot(name), path.MatchRoot("id"))}
}
