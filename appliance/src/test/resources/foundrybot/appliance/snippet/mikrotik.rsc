# FoundryBot: for RouterOS 7.4 or newer. Set the server's name, its pool and its network
# (such as 10.77.0.0/24) below, save this as foundrybot.rsc on the router, and
# '/import foundrybot.rsc'.
:local server "FILL-IN"
:local pool "FILL-IN"
:local network "FILL-IN"

# Firmware takes the next-server of the header, and without one the router itself.
/ip/dhcp-server/network set [find address=$network] next-server=127.99.0.1

# iPXE
/ip/dhcp-server/option add name=foundrybot-ipxe-66 code=66 value="s'127.99.0.1'"
/ip/dhcp-server/option add name=foundrybot-ipxe-67 code=67 value="s'autoexec.ipxe'"
/ip/dhcp-server/option/sets add name=foundrybot-ipxe options=foundrybot-ipxe-66,foundrybot-ipxe-67
/ip/dhcp-server/matcher add name=foundrybot-ipxe-iPXE server=$server address-pool=$pool code=77 value="iPXE" option-set=foundrybot-ipxe

# x86 BIOS
/ip/dhcp-server/option add name=foundrybot-arch0-66 code=66 value="s'127.99.0.1'"
/ip/dhcp-server/option add name=foundrybot-arch0-67 code=67 value="s'undionly.kpxe'"
/ip/dhcp-server/option/sets add name=foundrybot-arch0 options=foundrybot-arch0-66,foundrybot-arch0-67
/ip/dhcp-server/matcher add name=foundrybot-arch0-0x0000 server=$server address-pool=$pool code=93 value=0x0000 option-set=foundrybot-arch0

# x64 UEFI; EBC
/ip/dhcp-server/option add name=foundrybot-arch7-66 code=66 value="s'127.99.0.1'"
/ip/dhcp-server/option add name=foundrybot-arch7-67 code=67 value="s'snponly.efi'"
/ip/dhcp-server/option/sets add name=foundrybot-arch7 options=foundrybot-arch7-66,foundrybot-arch7-67
/ip/dhcp-server/matcher add name=foundrybot-arch7-0x0007 server=$server address-pool=$pool code=93 value=0x0007 option-set=foundrybot-arch7
/ip/dhcp-server/matcher add name=foundrybot-arch7-0x0009 server=$server address-pool=$pool code=93 value=0x0009 option-set=foundrybot-arch7

# x64 UEFI, HTTP; EBC, HTTP
/ip/dhcp-server/option add name=foundrybot-arch16-60 code=60 value="s'HTTPClient'"
/ip/dhcp-server/option add name=foundrybot-arch16-66 code=66 value="s'127.99.0.1'"
/ip/dhcp-server/option add name=foundrybot-arch16-67 code=67 value="s'http://127.99.0.1/program/02-00-00-00-00-01/snponly.efi'"
/ip/dhcp-server/option/sets add name=foundrybot-arch16 options=foundrybot-arch16-60,foundrybot-arch16-66,foundrybot-arch16-67
/ip/dhcp-server/matcher add name=foundrybot-arch16-0x0010 server=$server address-pool=$pool code=93 value=0x0010 option-set=foundrybot-arch16
/ip/dhcp-server/matcher add name=foundrybot-arch16-0x0011 server=$server address-pool=$pool code=93 value=0x0011 option-set=foundrybot-arch16

# x86 BIOS, HTTP
/ip/dhcp-server/option add name=foundrybot-arch20-60 code=60 value="s'HTTPClient'"
/ip/dhcp-server/option add name=foundrybot-arch20-66 code=66 value="s'127.99.0.1'"
/ip/dhcp-server/option add name=foundrybot-arch20-67 code=67 value="s'http://127.99.0.1/program/02-00-00-00-00-01/undionly.kpxe'"
/ip/dhcp-server/option/sets add name=foundrybot-arch20 options=foundrybot-arch20-60,foundrybot-arch20-66,foundrybot-arch20-67
/ip/dhcp-server/matcher add name=foundrybot-arch20-0x0014 server=$server address-pool=$pool code=93 value=0x0014 option-set=foundrybot-arch20
