package null

import (
	"context"
	"math/rand/v2"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// nullData is null_data_source, which upstream calls deprecated in favour of locals.
type nullData struct{}

type nullDataModel struct {
	ID                 types.String `tfsdk:"id"`
	Inputs             types.Map    `tfsdk:"inputs"`
	Outputs            types.Map    `tfsdk:"outputs"`
	Random             types.String `tfsdk:"random"`
	HasComputedDefault types.String `tfsdk:"has_computed_default"`
}

func (nullData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_data_source"
}

func (nullData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		DeprecationMessage: "locals do the same without a provider",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed: true, DeprecationMessage: "it is of no use, and never was",
			},
			"inputs":               schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"outputs":              schema.MapAttribute{Computed: true, ElementType: types.StringType},
			"random":               schema.StringAttribute{Computed: true},
			"has_computed_default": schema.StringAttribute{Optional: true, Computed: true},
		},
	}
}

// Read copies the inputs to the outputs.
func (nullData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model nullDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.ID = types.StringValue("static")
	model.Random = types.StringValue(randomNumber())
	model.Outputs = model.Inputs
	if model.HasComputedDefault.IsNull() {
		model.HasComputedDefault = types.StringValue("default")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func randomNumber() string {
	return strconv.FormatInt(rand.Int64(), 10)
}
