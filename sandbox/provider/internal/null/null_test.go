package null_test

import (
	"testing"

	"cogni.test/sandbox/provider/internal/null"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

func TestAResourceGetsAnIdAndKeepsIt(t *testing.T) {
	core := terraformtest.Start(t, null.New())
	config := terraformtest.Config{"triggers": map[string]any{"host": "1"}}
	state := core.Create("null_resource", config)
	if state.Get("id") == "" || state.Get("id") == nil {
		t.Error("it has no id")
	}
	read, _ := core.Read("null_resource", state)
	if plan := core.Plan("null_resource", read, config); !plan.IsNoop() {
		t.Error("an unchanged configuration plans something")
	}
	if gone := core.Change("null_resource", read, nil); !gone.IsNull() {
		t.Error("it is still there after a destroy")
	}
}

func TestAChangedTriggerReplacesTheResource(t *testing.T) {
	core := terraformtest.Start(t, null.New())
	state := core.Create("null_resource", terraformtest.Config{"triggers": map[string]any{"host": "1"}})
	for name, config := range map[string]terraformtest.Config{
		"another value": {"triggers": map[string]any{"host": "2"}},
		"one more":      {"triggers": map[string]any{"host": "1", "key": "2"}},
		"none":          {},
	} {
		if plan := core.Plan("null_resource", state, config); len(plan.Replace) != 1 || plan.Replace[0] != "triggers" {
			t.Errorf("%s replaces for %v", name, plan.Replace)
		}
	}
}

func TestTheDataSourceCopiesItsInputs(t *testing.T) {
	core := terraformtest.Start(t, null.New())
	found, said := core.Data("null_data_source", terraformtest.Config{"inputs": map[string]any{"a": "b"}})
	if said.HasError() {
		t.Fatal(said.Text())
	}
	if found.Get("outputs").(map[string]any)["a"] != "b" || found.Get("has_computed_default") != "default" {
		t.Errorf("outputs %v, default %v", found.Get("outputs"), found.Get("has_computed_default"))
	}
	given, _ := core.Data("null_data_source", terraformtest.Config{"has_computed_default": "mine"})
	if given.Get("has_computed_default") != "mine" || given.Get("outputs") != nil {
		t.Errorf("outputs %v, default %v", given.Get("outputs"), given.Get("has_computed_default"))
	}
}
