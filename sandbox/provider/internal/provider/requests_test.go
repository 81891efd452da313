package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"cogni.test/sandbox/provider/internal/apitest"
	"cogni.test/sandbox/provider/internal/terraformtest"
)

// expected is one request as the requests file describes it.
type expected struct {
	Method string         `json:"method"`
	Path   string         `json:"path"`
	Body   map[string]any `json:"body"`
	Repeat string         `json:"repeat"`
}

type requestsFile struct {
	Headers    map[string]string     `json:"headers"`
	Operations map[string][]expected `json:"operations"`
}

func readRequestsFile(t *testing.T) requestsFile {
	t.Helper()
	text, err := os.ReadFile("../../../../test/contract/emulator/provider-v1.5.3-requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var file requestsFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// operations does each operation of the requests file and gives what was asked meanwhile.
var operations = map[string]func(*testing.T) []apitest.Request{
	"server.create": func(t *testing.T) []apitest.Request {
		api := anAPIWith(t, aServer())
		core, _ := terraform(t)
		core.Create("cherryservers_server", serverConfig())
		return api.Requests()
	},
	"server.read": func(t *testing.T) []apitest.Request {
		api, core, state := aServerInState(t)
		core.Read("cherryservers_server", state)
		return api.Requests()
	},
	"server.update": func(t *testing.T) []apitest.Request {
		api, core, state := aServerInState(t)
		core.Change("cherryservers_server", state, with(serverConfig(), object{"allow_reinstall": true}))
		return api.Requests()
	},
	"server.update+reinstall": func(t *testing.T) []apitest.Request {
		api, core, state := aServerInState(t)
		core.Change("cherryservers_server", state,
			with(serverConfig(), object{"allow_reinstall": true, "os_partition_size": 20}))
		return api.Requests()
	},
	"server.delete": func(t *testing.T) []apitest.Request {
		api, core, state := aServerInState(t)
		core.Change("cherryservers_server", state, nil)
		return api.Requests()
	},
	"ip.create": func(t *testing.T) []apitest.Request {
		api := anAPIWithAnAddress(t)
		core, _ := terraform(t)
		core.Create("cherryservers_ip", addressConfig())
		return api.Requests()
	},
	"ip.read": func(t *testing.T) []apitest.Request {
		api, core, state := anAddressInState(t)
		core.Read("cherryservers_ip", state)
		return api.Requests()
	},
	"ip.update": func(t *testing.T) []apitest.Request {
		api := anAPIWithAnAddress(t)
		api.On("GET "+ipPath, apitest.OK(with(targetedAddress(), object{"tags": object{"old": "yes"}})))
		core, _ := terraform(t)
		state := core.Create("cherryservers_ip", with(addressConfig(), object{"tags": object{"old": "yes"}}))
		api.Requests()
		api.On("GET "+ipPath, apitest.OK(targetedAddress()))
		core.Change("cherryservers_ip", state, addressConfig())
		return api.Requests()
	},
	"ip.delete": func(t *testing.T) []apitest.Request {
		api, core, state := anAddressInState(t)
		core.Change("cherryservers_ip", state, nil)
		return api.Requests()
	},
	"project.create": func(t *testing.T) []apitest.Request {
		api := anAPIWithAProject(t)
		core, _ := terraform(t)
		core.Create("cherryservers_project", object{"name": "sandbox", "team_id": 77, "bgp": object{"enabled": true}})
		return api.Requests()
	},
	"project.read": func(t *testing.T) []apitest.Request {
		api, core, state := aProjectInState(t)
		core.Read("cherryservers_project", state)
		return api.Requests()
	},
	"project.update": func(t *testing.T) []apitest.Request {
		api, core, state := aProjectInState(t)
		without := with(aProject(), object{"bgp": object{"enabled": false, "local_asn": 65530}})
		api.On(fmt.Sprintf("PUT /v1/projects/%d", project), apitest.Reply{Status: http.StatusCreated, Body: without})
		core.Change("cherryservers_project", state, object{"name": "sandbox", "team_id": 77})
		return api.Requests()
	},
	"project.delete": func(t *testing.T) []apitest.Request {
		api, core, state := aProjectInState(t)
		core.Change("cherryservers_project", state, nil)
		return api.Requests()
	},
	"ssh_key.create": func(t *testing.T) []apitest.Request {
		api := anAPIWithAKey(t)
		core, _ := terraform(t)
		core.Create("cherryservers_ssh_key", keyConfig())
		return api.Requests()
	},
	"ssh_key.read": func(t *testing.T) []apitest.Request {
		api, core, state := aKeyInState(t)
		core.Read("cherryservers_ssh_key", state)
		return api.Requests()
	},
	"ssh_key.update": func(t *testing.T) []apitest.Request {
		api, core, state := aKeyInState(t)
		api.On("GET "+keyPath, apitest.OK(with(aKey(), object{"key": "ssh-ed25519 BBBB", "updated": "later"})))
		core.Change("cherryservers_ssh_key", state, with(keyConfig(), object{"public_key": "ssh-ed25519 BBBB"}))
		return api.Requests()
	},
	"ssh_key.delete": func(t *testing.T) []apitest.Request {
		api, core, state := aKeyInState(t)
		core.Change("cherryservers_ssh_key", state, nil)
		return api.Requests()
	},
	"data.server(id)": reading("cherryservers_server", object{"id": fmt.Sprint(serverID)}),
	"data.server(hostname,project_id)": reading("cherryservers_server",
		object{"hostname": "PROD-app", "project_id": project}),
	"data.ip(id)":                 reading("cherryservers_ip", object{"id": ipID}),
	"data.ip(address,project_id)": reading("cherryservers_ip", object{"address": "203.0.113.200", "project_id": project}),
	"data.ssh_key(id)":            reading("cherryservers_ssh_key", object{"id": fmt.Sprint(keyID)}),
	"data.ssh_key(name)":          reading("cherryservers_ssh_key", object{"name": "deploy"}),
	"data.project":                reading("cherryservers_project", object{"id": project}),
	"data.region":                 reading("cherryservers_region", object{"slug": region}),
	"data.regions":                reading("cherryservers_regions", object{}),
	"data.plan":                   reading("cherryservers_plan", object{"slug": plan}),
	"data.plans":                  reading("cherryservers_plans", object{}),
	"data.cycles":                 reading("cherryservers_cycles", object{}),
}

func TestEveryOperationSendsTheRequestsOfTheFileInItsOrder(t *testing.T) {
	file := readRequestsFile(t)
	for name, sequence := range file.Operations {
		t.Run(name, func(t *testing.T) {
			do, known := operations[name]
			if !known {
				t.Fatalf("there is no test for %s", name)
			}
			compareRequests(t, sequence, do(t))
		})
	}
	for name := range operations {
		if _, exists := file.Operations[name]; !exists {
			t.Errorf("%s is not in the requests file", name)
		}
	}
}

func TestEveryRequestCarriesTheHeadersOfTheFile(t *testing.T) {
	headers := readRequestsFile(t).Headers
	fill := strings.NewReplacer("<key>", token, "<core version>", terraformtest.CoreVersion)
	for name, do := range operations {
		for _, request := range do(t) {
			for header, value := range headers {
				if sent := request.Header.Get(header); sent != fill.Replace(value) {
					t.Errorf("%s, %s: %s is %q, and the requests file says %q", name, request.Line(), header, sent, value)
				}
			}
		}
	}
}

func compareRequests(t *testing.T, sequence []expected, sent []apitest.Request) {
	t.Helper()
	lines := []string{}
	for _, request := range sent {
		lines = append(lines, request.Line())
	}
	if len(sequence) != len(sent) {
		t.Fatalf("%d requests are expected, and these were sent:\n%s", len(sequence), strings.Join(lines, "\n"))
	}
	for index, wanted := range sequence {
		request := sent[index]
		if request.Method != wanted.Method || !matchesPath(wanted.Path, request.Path) {
			t.Errorf("request %d is %s, and the file says %s %s", index+1, request.Line(), wanted.Method, wanted.Path)
		}
		compareBodies(t, request, wanted.Body)
	}
}

// matchesPath compares a path with one in which {names} stand for one segment each.
func matchesPath(template, path string) bool {
	pattern := regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(template), `[^/?]+`)
	return regexp.MustCompile("^" + pattern + "$").MatchString(path)
}

// compareBodies wants exactly the fields of the file, with its values; a few of those are descriptions.
func compareBodies(t *testing.T, request apitest.Request, wanted map[string]any) {
	t.Helper()
	if wanted == nil {
		if request.Body != nil {
			t.Errorf("%s carries a body: %v", request.Line(), request.Body)
		}
		return
	}
	body, isObject := request.Body.(map[string]any)
	if !isObject {
		t.Errorf("the body of %s is no JSON object: %v", request.Line(), request.Body)
		return
	}
	described := map[string]string{
		"<20 chars a-zA-Z0-9>": `^[a-zA-Z0-9]{20}$`,
		"<ip id>":              `^[0-9a-f-]{36}$`,
		"ssh-ed25519 ...":      `^ssh-ed25519 [A-Za-z0-9+/@. ]+$`,
	}
	for name, value := range wanted {
		if request.Method == http.MethodPost && name == "routed_to" {
			// The file lists all fields. An order cannot carry this one and a server's target: they exclude each other.
			continue
		}
		if value == "only if changed" {
			if sent, exists := body[name]; exists {
				t.Errorf("%s sends %s although it did not change: %v", request.Line(), name, sent)
			}
			continue
		}
		if pattern, isDescribed := described[fmt.Sprint(value)]; isDescribed {
			if sent, _ := body[name].(string); !regexp.MustCompile(pattern).MatchString(sent) {
				t.Errorf("%s sends %s as %v, and the file says %v", request.Line(), name, body[name], value)
			}
			continue
		}
		compare(t, request.Line()+" "+name, value, body[name])
	}
	for name := range body {
		if _, exists := wanted[name]; !exists {
			t.Errorf("%s sends %s, which is not in the file", request.Line(), name)
		}
	}
}
