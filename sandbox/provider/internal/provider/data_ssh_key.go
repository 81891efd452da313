package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// keyData is the data source cherryservers_ssh_key: by id, or by name.
type keyData struct {
	lookup
}

func (*keyData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ssh_key"
}

func (*keyData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{
		"id":          schema.StringAttribute{Optional: true, Computed: true},
		"name":        schema.StringAttribute{Optional: true, Computed: true},
		"public_key":  aText,
		"fingerprint": aText,
		"created":     aText,
		"updated":     aText,
	}}
}

func (*keyData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return byIDOr("name")
}

// Read finds the id by name if need be, then reads the key. Where no key has the name it asks for the key 0.
func (work *keyData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model keyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := 0
	if model.Name.IsNull() {
		number, err := strconv.Atoi(model.ID.ValueString())
		if err != nil {
			resp.Diagnostics.AddError("invalid SSH Key ID in state", err.Error())
			return
		}
		id = number
	} else {
		id = work.keyNamed(model.Name.ValueString(), &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	key, _, err := work.client.Key(id)
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers ssh_key data source", err.Error())
		return
	}
	model.record(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// keyNamed gives the id of the only key with a name; 0 when there is none.
func (work *keyData) keyNamed(name string, diagnostics *diag.Diagnostics) int {
	keys, err := work.client.Keys()
	if err != nil {
		diagnostics.AddError("couldn't read project SSHKeys", err.Error())
		return 0
	}
	id := 0
	for _, key := range keys {
		if key.Label != name {
			continue
		}
		if id != 0 {
			diagnostics.AddError("multiple SSH keys with the same name", "Name the key by its id: several are called "+strconv.Quote(name)+".")
			return 0
		}
		id = key.ID
	}
	return id
}
