package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ipData is the data source cherryservers_ip: by id, or by address and project.
type ipData struct {
	lookup
}

func (*ipData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip"
}

func (*ipData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{
		"id":                   schema.StringAttribute{Optional: true, Computed: true},
		"address":              schema.StringAttribute{Optional: true, Computed: true},
		"project_id":           schema.Int64Attribute{Optional: true, Computed: true},
		"region":               aText,
		"target_id":            aText,
		"target_hostname":      aText,
		"target_ip_id":         aText,
		"a_record":             aText,
		"a_record_effective":   aText,
		"ptr_record":           aText,
		"ptr_record_effective": aText,
		"address_family":       aNumber,
		"cidr":                 aText,
		"gateway":              aText,
		"type":                 aText,
		"tags":                 schema.MapAttribute{Computed: true, ElementType: types.StringType},
	}}
}

func (*ipData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return byIDOrIn("address")
}

// Read looks an address up in its project's list if need be, then reads it.
func (work *ipData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model ipModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := model.ID.ValueString()
	if project := int(model.ProjectID.ValueInt64()); project != 0 {
		addresses, err := work.client.AddressesIn(project)
		if err != nil {
			resp.Diagnostics.AddError("couldn't retrieve project IP addresses", err.Error())
			return
		}
		for _, address := range addresses {
			if address.Address == model.Address.ValueString() {
				id = address.ID
			}
		}
	}
	ip, _, err := work.client.Address(id)
	if err != nil {
		resp.Diagnostics.AddError(unreadableIP, err.Error())
		return
	}
	resp.Diagnostics.Append(model.record(ctx, ip)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
