package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// cyclesData is the data source cherryservers_cycles: the billing cycles.
type cyclesData struct {
	lookup
}

type cycleModel struct {
	ID   int64  `tfsdk:"id"`
	Name string `tfsdk:"name"`
	Slug string `tfsdk:"slug"`
}

func (*cyclesData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cycles"
}

func (*cyclesData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{
		"cycles": listOf(reported{"id": aNumber, "name": aText, "slug": aText}),
	}}
}

// Read lists the cycles.
func (work *cyclesData) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	cycles, err := work.client.Cycles()
	if err != nil {
		resp.Diagnostics.AddError("cycle list failed", err.Error())
		return
	}
	models := []cycleModel{}
	for _, cycle := range cycles {
		models = append(models, cycleModel{int64(cycle.ID), cycle.Name, cycle.Slug})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		Cycles []cycleModel `tfsdk:"cycles"`
	}{models})...)
}
