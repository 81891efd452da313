package cherry

import "fmt"

// Server is what the API says of a server. A value of another type than the one here is an error on decoding, as it is
// for the real client.
type Server struct {
	ID              int               `json:"id"`
	Name            string            `json:"name"`
	Href            string            `json:"href"`
	BMC             BMC               `json:"bmc"`
	Hostname        string            `json:"hostname"`
	Username        string            `json:"username"`
	Password        string            `json:"password"`
	Image           string            `json:"image"` // a name such as "Ubuntu 24.04 64bit", not a slug
	SpotInstance    bool              `json:"spot_instance"`
	BGP             ServerBGP         `json:"bgp"`
	Project         Project           `json:"project"`
	Region          Region            `json:"region"`
	State           string            `json:"state"`
	Status          string            `json:"status"`
	Plan            Plan              `json:"plan"`
	Pricing         Pricing           `json:"pricing"`
	Addresses       []IPAddress       `json:"ip_addresses"`
	Keys            []SSHKey          `json:"ssh_keys"`
	Tags            map[string]string `json:"tags"`
	CreatedAt       string            `json:"created_at"`
	TerminationDate string            `json:"termination_date"`
}

// BMC is the login of a bare-metal server's management controller.
type BMC struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// ServerBGP holds counters that the API sends as integers.
type ServerBGP struct {
	Enabled   bool       `json:"enabled"`
	Available bool       `json:"available"`
	Status    string     `json:"status"`
	Routers   int        `json:"routers"`
	Connected int        `json:"connected"`
	Limit     int        `json:"limit"`
	Active    int        `json:"active"`
	Routes    []BGPRoute `json:"routes"`
	Updated   string     `json:"updated"`
}

// BGPRoute is one announced route.
type BGPRoute struct {
	Subnet  string `json:"subnet"`
	Active  bool   `json:"active"`
	Router  string `json:"router"`
	Age     string `json:"age"`
	Updated string `json:"updated"`
}

// ServerOrder asks for a new server. Zero values are left out, except where the API always gets the field.
type ServerOrder struct {
	ProjectID       int                `json:"project_id"`
	Plan            string             `json:"plan"`
	Hostname        string             `json:"hostname,omitempty"`
	Image           string             `json:"image,omitempty"`
	Region          string             `json:"region"`
	Keys            []string           `json:"ssh_keys,omitempty"`
	Addresses       []string           `json:"ip_addresses,omitempty"`
	UserData        string             `json:"user_data,omitempty"`
	Tags            *map[string]string `json:"tags,omitempty"`
	SpotMarket      bool               `json:"spot_market"`
	OSPartitionSize int                `json:"os_partition_size,omitempty"`
	Cycle           string             `json:"cycle,omitempty"`
	Discount        string             `json:"discount,omitempty"`
}

// ServerChange changes what can be changed on a running server. BGP is always sent, and always false: an update by
// provider 1.5.3 switches BGP off.
type ServerChange struct {
	Name     string             `json:"name,omitempty"`
	Hostname string             `json:"hostname,omitempty"`
	Tags     *map[string]string `json:"tags,omitempty"`
	BGP      bool               `json:"bgp"`
}

// Reinstall wipes a server's disk and installs it anew.
type Reinstall struct {
	Type            string   `json:"type"`
	Image           string   `json:"image"`
	Hostname        string   `json:"hostname,omitempty"`
	Password        string   `json:"password"`
	Keys            []string `json:"ssh_keys,omitempty"`
	UserData        string   `json:"user_data,omitempty"`
	OSPartitionSize int      `json:"os_partition_size,omitempty"`
}

// CreateServer orders a server in a project.
func (client *Client) CreateServer(order ServerOrder) (server Server, err error) {
	_, err = client.call("POST", fmt.Sprintf("projects/%d/servers", order.ProjectID), order, &server)
	return server, err
}

// Server reads one server.
func (client *Client) Server(id int) (server Server, answer *Answer, err error) {
	answer, err = client.call("GET", fmt.Sprintf("servers/%d", id), nil, &server)
	return server, answer, err
}

// ServerState reads nothing but a server's state: pending, provisioning, active and others.
func (client *Client) ServerState(id int) (string, error) {
	var server Server
	_, err := client.call("GET", fmt.Sprintf("servers/%d", id)+fields("state"), nil, &server)
	return server.State, err
}

// ServerStatus reads nothing but a server's status: deploying, deployed and others.
func (client *Client) ServerStatus(id int) (string, error) {
	var server Server
	_, err := client.call("GET", fmt.Sprintf("servers/%d", id)+fields("status"), nil, &server)
	return server.Status, err
}

// Power reads whether a server is "on" or "off".
func (client *Client) Power(id int) (string, error) {
	var state struct {
		Power string `json:"power"`
	}
	_, err := client.call("GET", fmt.Sprintf("servers/%d", id)+fields("power"), nil, &state)
	return state.Power, err
}

// ChangeServer updates a server and gives what the API made of it.
func (client *Client) ChangeServer(id int, change ServerChange) (server Server, err error) {
	_, err = client.call("PUT", fmt.Sprintf("servers/%d", id), change, &server)
	return server, err
}

// ReinstallServer starts a reinstallation. The id in its answer is the one to poll.
func (client *Client) ReinstallServer(id int, wish Reinstall) (server Server, err error) {
	wish.Type = "reinstall"
	_, err = client.call("POST", fmt.Sprintf("servers/%d/actions", id), wish, &server)
	return server, err
}

// DeleteServer ends a server. A 2xx other than 204 must carry a server, or it is an error.
func (client *Client) DeleteServer(id int) error {
	var server Server
	_, err := client.call("DELETE", fmt.Sprintf("servers/%d", id), nil, &server)
	return err
}

// HostnamesIn lists a project's servers with id, name and hostname.
func (client *Client) HostnamesIn(project int) (servers []Server, err error) {
	_, err = client.call("GET", fmt.Sprintf("projects/%d/servers", project)+fields("id", "name", "hostname"), nil, &servers)
	return servers, err
}
