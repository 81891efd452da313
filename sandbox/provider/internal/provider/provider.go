// Package provider is the stand-in for cherryservers/cherryservers 1.5.3: its schema, its requests in their order, its
// plans, and its ways of losing things. It is a test double for the sandbox and refuses to go anywhere else.
// Source of the facts: reference/cherry-api.md, sections 1, 2 and 6.
package provider

import (
	"context"
	"fmt"
	"os"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Version is the version of the provider that this one stands in for.
const Version = "1.5.3"

type standIn struct {
	pace Pace
}

// New gives the provider; pace is how it waits between two polls.
func New(pace Pace) provider.Provider {
	return &standIn{pace: pace}
}

// session is what resources and data sources work with, once the provider is configured.
type session struct {
	client *cherry.Client
	pace   Pace
}

func (*standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "cherryservers"
	resp.Version = Version
}

func (*standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"api_token": schema.StringAttribute{Optional: true, Sensitive: true},
	}}
}

// Configure takes the token from api_token, else CHERRY_AUTH_KEY, else CHERRY_AUTH_TOKEN.
func (double *standIn) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	attribute := path.Root("api_token")
	var configured types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, attribute, &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if configured.IsUnknown() {
		resp.Diagnostics.AddAttributeError(attribute, "Unknown CherryServers API Token",
			"The value of api_token is known only after apply, too late for the provider. Apply what it comes from first, "+
				"or set CHERRY_AUTH_KEY or CHERRY_AUTH_TOKEN in the environment instead.")
		return
	}
	token := firstNonEmpty(configured.ValueString(), os.Getenv("CHERRY_AUTH_KEY"), os.Getenv("CHERRY_AUTH_TOKEN"))
	if !configured.IsNull() {
		token = configured.ValueString()
	}
	if token == "" {
		resp.Diagnostics.AddAttributeError(attribute, "Missing CherryServers API Token",
			"There is no API token, or an empty one. Set api_token in the provider's configuration, or CHERRY_AUTH_KEY or "+
				"CHERRY_AUTH_TOKEN in the environment.")
		return
	}
	if err := cherry.CheckProxy(); err != nil {
		resp.Diagnostics.AddError("The stand-in provider runs in the sandbox only", err.Error())
		return
	}
	agent := fmt.Sprintf("terraform-provider/cherryservers/%s terraform/%s", Version, req.TerraformVersion)
	work := session{client: cherry.New(token, agent), pace: double.pace}
	resp.ResourceData = work
	resp.DataSourceData = work
}

func (*standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &serverResource{} },
		func() resource.Resource { return &ipResource{} },
		func() resource.Resource { return &projectResource{} },
		func() resource.Resource { return &keyResource{} },
	}
}

func (*standIn) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &serverData{} },
		func() datasource.DataSource { return &ipData{} },
		func() datasource.DataSource { return &projectData{} },
		func() datasource.DataSource { return &keyData{} },
		func() datasource.DataSource { return &regionData{} },
		func() datasource.DataSource { return &regionsData{} },
		func() datasource.DataSource { return &planData{} },
		func() datasource.DataSource { return &plansData{} },
		func() datasource.DataSource { return &cyclesData{} },
	}
}

// Configure hands the session to a resource. Terraform also makes resources of a provider that it has not configured
// (to validate), and hands nothing then.
func (work *session) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if given, ok := req.ProviderData.(session); ok {
		*work = given
	}
}

// lookup is the session of a data source.
type lookup struct {
	session
}

// Configure hands the session to a data source.
func (work *lookup) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	if given, ok := req.ProviderData.(session); ok {
		work.session = given
	}
}

func firstNonEmpty(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
