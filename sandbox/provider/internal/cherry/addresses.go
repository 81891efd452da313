package cherry

import "fmt"

// IPAddress is an address of a server, or a floating one. Its id is a string, unlike every other id of the API.
type IPAddress struct {
	ID            string             `json:"id"`
	Address       string             `json:"address"`
	AddressFamily int                `json:"address_family"`
	CIDR          string             `json:"cidr"`
	Gateway       string             `json:"gateway"`
	Type          string             `json:"type"` // primary-ip, private-ip, floating-ip or subnet
	Region        Region             `json:"region"`
	RoutedTo      Route              `json:"routed_to"`
	AssignedTo    Target             `json:"assigned_to"`
	TargetedTo    Target             `json:"targeted_to"`
	Project       Project            `json:"project"`
	PTRRecord     string             `json:"ptr_record"`
	ARecord       string             `json:"a_record"`
	Tags          *map[string]string `json:"tags"`
	DDoSScrubbing bool               `json:"ddos_scrubbing"`
	Href          string             `json:"href"`
}

// Route is the address that another address is routed to.
type Route struct {
	ID            string `json:"id"`
	Address       string `json:"address"`
	AddressFamily int    `json:"address_family"`
	CIDR          string `json:"cidr"`
	Gateway       string `json:"gateway"`
	Type          string `json:"type"`
	Region        Region `json:"region"`
}

// Target is the server that an address belongs to or points at; id 0 is none.
type Target struct {
	ID       int     `json:"id"`
	Name     string  `json:"name"`
	Href     string  `json:"href"`
	Hostname string  `json:"hostname"`
	Image    string  `json:"image"`
	Region   Region  `json:"region"`
	State    string  `json:"state"`
	Pricing  Pricing `json:"pricing"`
}

// AddressWish orders or changes an address. Empty fields are left out, hence a record cannot be cleared.
// TargetedTo is a server's id as text; "0" detaches.
type AddressWish struct {
	Region     string             `json:"region,omitempty"`
	PTRRecord  string             `json:"ptr_record,omitempty"`
	ARecord    string             `json:"a_record,omitempty"`
	RoutedTo   string             `json:"routed_to,omitempty"`
	TargetedTo string             `json:"targeted_to,omitempty"`
	Tags       *map[string]string `json:"tags,omitempty"`
}

// CreateAddress orders an address in a project.
func (client *Client) CreateAddress(project int, wish AddressWish) (address IPAddress, err error) {
	_, err = client.call("POST", fmt.Sprintf("projects/%d/ips", project), wish, &address)
	return address, err
}

// Address reads one address.
func (client *Client) Address(id string) (address IPAddress, answer *Answer, err error) {
	answer, err = client.call("GET", "ips/"+id, nil, &address)
	return address, answer, err
}

// AddressesIn lists a project's addresses.
func (client *Client) AddressesIn(project int) (addresses []IPAddress, err error) {
	_, err = client.call("GET", fmt.Sprintf("projects/%d/ips", project), nil, &addresses)
	return addresses, err
}

// ChangeAddress updates an address.
func (client *Client) ChangeAddress(id string, wish AddressWish) error {
	var address IPAddress
	_, err := client.call("PUT", "ips/"+id, wish, &address)
	return err
}

// DeleteAddress detaches an address, then ends it.
func (client *Client) DeleteAddress(id string) error {
	if err := client.ChangeAddress(id, AddressWish{TargetedTo: "0"}); err != nil {
		return fmt.Errorf("it could not be detached from its target first: %w", err)
	}
	_, err := client.call("DELETE", "ips/"+id, nil, nil)
	return err
}
