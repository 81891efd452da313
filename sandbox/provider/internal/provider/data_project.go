package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// projectData is the data source cherryservers_project: by its number.
type projectData struct {
	lookup
}

func (*projectData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_project"
}

func (*projectData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{
		"id":   schema.Int64Attribute{Required: true},
		"name": aText,
		"bgp": schema.SingleNestedAttribute{
			Computed:   true,
			Attributes: reported{"enabled": schema.BoolAttribute{Computed: true}, "local_asn": aNumber},
		},
	}}
}

// Read reads one project.
func (work *projectData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var id types.Int64
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("id"), &id)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if id.ValueInt64() == 0 {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "Missing project ID", "A project's number is not 0.")
		return
	}
	project, _, err := work.client.Project(int(id.ValueInt64()))
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers project data source", err.Error())
		return
	}
	type bgp struct {
		Enabled  bool  `tfsdk:"enabled"`
		LocalASN int64 `tfsdk:"local_asn"`
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		ID   int64  `tfsdk:"id"`
		Name string `tfsdk:"name"`
		BGP  bgp    `tfsdk:"bgp"`
	}{int64(project.ID), project.Name, bgp{project.BGP.Enabled, int64(project.BGP.LocalASN)}})...)
}
