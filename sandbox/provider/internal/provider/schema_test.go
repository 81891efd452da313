package provider_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"cogni.test/sandbox/provider/internal/provider"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

const address = "registry.terraform.io/cherryservers/cherryservers"

func TestTheSchemaIsTheOneThatTheBindingsAreGeneratedFrom(t *testing.T) {
	text, err := os.ReadFile("../../../../infra/schema/cherryservers@" + provider.Version + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var committed struct {
		Versions map[string]string         `json:"provider_versions"`
		Schemas  map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(text, &committed); err != nil {
		t.Fatal(err)
	}
	if committed.Versions[address] != provider.Version {
		t.Errorf("the schema file is of version %s, the provider of %s", committed.Versions[address], provider.Version)
	}
	served := terraformtest.Start(t, provider.New(provider.Pace{})).SchemaJSON()
	compare(t, address, committed.Schemas[address], served)
}

// compare reports each place where two decoded JSON documents differ.
func compare(t *testing.T, at string, expected, actual any) {
	t.Helper()
	wanted, isObject := expected.(map[string]any)
	got, both := actual.(map[string]any)
	if !isObject || !both {
		if !reflect.DeepEqual(expected, actual) {
			t.Errorf("%s is %v, and the schema file says %v", at, actual, expected)
		}
		return
	}
	for name := range wanted {
		compare(t, at+"."+name, wanted[name], got[name])
	}
	for name := range got {
		if _, exists := wanted[name]; !exists {
			t.Errorf("%s.%s is not in the schema file", at, name)
		}
	}
}
