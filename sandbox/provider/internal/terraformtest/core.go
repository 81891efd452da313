// Package terraformtest plays Terraform's core for tests: it speaks the plugin protocol to a provider in the same
// process and does with plans and states what the core does, without Terraform.
package terraformtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// CoreVersion is the version of Terraform that the provider is told.
const CoreVersion = "1.11.4"

// Core is one run of Terraform with one provider.
type Core struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	Schemas *tfprotov6.GetProviderSchemaResponse
}

// Config is a configuration as written: attributes left out are null.
type Config = map[string]any

// Start gives a provider that is not configured yet.
func Start(t *testing.T, tested provider.Provider) *Core {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(tested)()
	fatalIf(t, err)
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	fatalIf(t, err)
	core := &Core{t: t, server: server, Schemas: schemas}
	core.mustBeFine(schemas.Diagnostics)
	return core
}

// Configure hands the provider block over.
func (core *Core) Configure(config Config) Diagnostics {
	core.t.Helper()
	valueType := core.Schemas.Provider.ValueType()
	resp, err := core.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: CoreVersion,
		Config:           core.pack(valueType, build(valueType, config)),
	})
	fatalIf(core.t, err)
	return resp.Diagnostics
}

// Validate checks a resource's configuration.
func (core *Core) Validate(typeName string, config Config) Diagnostics {
	core.t.Helper()
	valueType := core.resource(typeName).ValueType()
	resp, err := core.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: core.pack(valueType, build(valueType, config)),
	})
	fatalIf(core.t, err)
	return resp.Diagnostics
}

// Plan is what the provider makes of a configuration.
type Plan struct {
	TypeName string
	Prior    State
	Planned  State
	config   tftypes.Value
	private  []byte
	// Replace names the attributes that demand another object.
	Replace     []string
	Diagnostics Diagnostics
}

// IsNoop tells whether nothing would be done.
func (plan Plan) IsNoop() bool { return plan.Prior.value.Equal(plan.Planned.value) }

// Plan compares a state with a configuration; a nil configuration destroys.
func (core *Core) Plan(typeName string, prior State, config Config) Plan {
	core.t.Helper()
	schema := core.resource(typeName)
	valueType := schema.ValueType()
	before, configured, proposed := prior.value, tftypes.NewValue(valueType, nil), tftypes.NewValue(valueType, nil)
	if prior.IsNull() {
		before = tftypes.NewValue(valueType, nil)
	}
	if config != nil {
		configured = build(valueType, config)
		proposed = proposedNew(schema.Block.Attributes, valueType, before, configured)
	}
	resp, err := core.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: core.pack(valueType, before), PriorPrivate: prior.private,
		Config: core.pack(valueType, configured), ProposedNewState: core.pack(valueType, proposed),
	})
	fatalIf(core.t, err)
	plan := Plan{
		TypeName: typeName, Prior: State{value: before}, config: configured, private: resp.PlannedPrivate,
		Planned: core.unpack(valueType, resp.PlannedState), Diagnostics: resp.Diagnostics,
	}
	for _, path := range resp.RequiresReplace {
		plan.Replace = append(plan.Replace, pathText(path))
	}
	return plan
}

// Applied is the outcome of carrying a plan out.
type Applied struct {
	State State
	// Inconsistent names the attributes whose values are not the planned ones: Terraform's "inconsistent result".
	Inconsistent []string
	Diagnostics  Diagnostics
}

// Apply carries a plan out.
func (core *Core) Apply(plan Plan) Applied {
	core.t.Helper()
	valueType := core.resource(plan.TypeName).ValueType()
	resp, err := core.server.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: plan.TypeName, PriorState: core.pack(valueType, plan.Prior.value),
		PlannedState: core.pack(valueType, plan.Planned.value), Config: core.pack(valueType, plan.config),
		PlannedPrivate: plan.private,
	})
	fatalIf(core.t, err)
	state := core.unpack(valueType, resp.NewState)
	state.private = resp.Private
	applied := Applied{State: state, Diagnostics: resp.Diagnostics}
	if !Diagnostics(resp.Diagnostics).HasError() {
		applied.Inconsistent = inconsistencies(plan.Planned.value, state.value)
	}
	return applied
}

// Create plans and applies a configuration from nothing, and demands that all is well.
func (core *Core) Create(typeName string, config Config) State {
	core.t.Helper()
	return core.Change(typeName, State{}, config)
}

// Change plans and applies a configuration on a state, and demands that all is well.
func (core *Core) Change(typeName string, prior State, config Config) State {
	core.t.Helper()
	plan := core.Plan(typeName, prior, config)
	core.mustBeFine(plan.Diagnostics)
	applied := core.Apply(plan)
	core.mustBeFine(applied.Diagnostics)
	if len(applied.Inconsistent) > 0 {
		core.t.Fatalf("inconsistent result after apply: %s", strings.Join(applied.Inconsistent, ", "))
	}
	return applied.State
}

// Read refreshes a state.
func (core *Core) Read(typeName string, state State) (State, Diagnostics) {
	core.t.Helper()
	valueType := core.resource(typeName).ValueType()
	resp, err := core.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: core.pack(valueType, state.value), Private: state.private,
	})
	fatalIf(core.t, err)
	read := core.unpack(valueType, resp.NewState)
	read.private = resp.Private
	return read, resp.Diagnostics
}

// Import gives the state that an import begins with; a Read follows it.
func (core *Core) Import(typeName, id string) (State, Diagnostics) {
	core.t.Helper()
	resp, err := core.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, ID: id,
	})
	fatalIf(core.t, err)
	if len(resp.ImportedResources) == 0 {
		return State{}, resp.Diagnostics
	}
	imported := core.unpack(core.resource(typeName).ValueType(), resp.ImportedResources[0].State)
	imported.private = resp.ImportedResources[0].Private
	return imported, resp.Diagnostics
}

// Data validates and reads a data source.
func (core *Core) Data(typeName string, config Config) (State, Diagnostics) {
	core.t.Helper()
	schema, ok := core.Schemas.DataSourceSchemas[typeName]
	if !ok {
		core.t.Fatalf("the provider has no data source %s", typeName)
	}
	valueType := schema.ValueType()
	packed := core.pack(valueType, build(valueType, config))
	validated, err := core.server.ValidateDataResourceConfig(context.Background(),
		&tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: packed})
	fatalIf(core.t, err)
	if Diagnostics(validated.Diagnostics).HasError() {
		return State{}, validated.Diagnostics
	}
	resp, err := core.server.ReadDataSource(context.Background(),
		&tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: packed})
	fatalIf(core.t, err)
	if Diagnostics(resp.Diagnostics).HasError() {
		return State{}, resp.Diagnostics
	}
	return core.unpack(valueType, resp.State), resp.Diagnostics
}

func (core *Core) resource(typeName string) *tfprotov6.Schema {
	core.t.Helper()
	schema, ok := core.Schemas.ResourceSchemas[typeName]
	if !ok {
		core.t.Fatalf("the provider has no resource %s", typeName)
	}
	return schema
}

func (core *Core) pack(valueType tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	core.t.Helper()
	packed, err := tfprotov6.NewDynamicValue(valueType, value)
	fatalIf(core.t, err)
	return &packed
}

func (core *Core) unpack(valueType tftypes.Type, packed *tfprotov6.DynamicValue) State {
	core.t.Helper()
	if packed == nil {
		return State{}
	}
	value, err := packed.Unmarshal(valueType)
	fatalIf(core.t, err)
	return State{value: value}
}

func (core *Core) mustBeFine(diagnostics Diagnostics) {
	core.t.Helper()
	if diagnostics.HasError() {
		core.t.Fatal(diagnostics.Text())
	}
}

// Diagnostics are what a provider says besides its result.
type Diagnostics []*tfprotov6.Diagnostic

// HasError tells whether there is an error among them.
func (diagnostics Diagnostics) HasError() bool {
	return len(diagnostics.of(tfprotov6.DiagnosticSeverityError)) > 0
}

// Warnings gives the warnings, each led by the attribute that it is about, in brackets.
func (diagnostics Diagnostics) Warnings() []string {
	return diagnostics.of(tfprotov6.DiagnosticSeverityWarning)
}

// Text gives all of them, one a line.
func (diagnostics Diagnostics) Text() string {
	all := append(diagnostics.of(tfprotov6.DiagnosticSeverityError), diagnostics.Warnings()...)
	return strings.Join(all, "\n")
}

func (diagnostics Diagnostics) of(severity tfprotov6.DiagnosticSeverity) []string {
	texts := []string{}
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == severity {
			texts = append(texts, fmt.Sprintf("[%s] %s: %s", pathText(diagnostic.Attribute), diagnostic.Summary, diagnostic.Detail))
		}
	}
	return texts
}

// pathText names the attribute that a path begins with; nothing for none.
func pathText(path *tftypes.AttributePath) string {
	if path == nil || len(path.Steps()) == 0 {
		return ""
	}
	if name, ok := path.Steps()[0].(tftypes.AttributeName); ok {
		return string(name)
	}
	return path.String()
}

func fatalIf(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
