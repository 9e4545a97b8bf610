# FoundryBot: run in PowerShell on the DHCP server; set the scope first.
$Scope = 'FILL-IN'   # such as 10.77.0.0
Add-DhcpServerv4OptionDefinition -OptionId 60 -Name 'Vendor class' -Type String -ErrorAction SilentlyContinue

# iPXE
Add-DhcpServerv4Class -Type User -Name 'FoundryBot ipxe' -Data 'iPXE'
Add-DhcpServerv4Policy -ScopeId $Scope -Name 'FoundryBot ipxe' -ProcessingOrder 1 -Condition AND -UserClass EQ,'FoundryBot ipxe' -MacAddress EQ,'525400AA0001'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot ipxe' -OptionId 66 -Value '127.99.0.1'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot ipxe' -OptionId 67 -Value 'autoexec.ipxe'

# x86 BIOS
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch0' -Data 'PXEClient:Arch:00000'
Add-DhcpServerv4Policy -ScopeId $Scope -Name 'FoundryBot arch0' -ProcessingOrder 2 -Condition AND -VendorClass EQ,'FoundryBot arch0*' -MacAddress EQ,'525400AA0001'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch0' -OptionId 66 -Value '127.99.0.1'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch0' -OptionId 67 -Value 'undionly.kpxe'

# x64 UEFI; EBC
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch7' -Data 'PXEClient:Arch:00007'
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch9' -Data 'PXEClient:Arch:00009'
Add-DhcpServerv4Policy -ScopeId $Scope -Name 'FoundryBot arch7' -ProcessingOrder 3 -Condition AND -VendorClass EQ,'FoundryBot arch7*','FoundryBot arch9*' -MacAddress EQ,'525400AA0001'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch7' -OptionId 66 -Value '127.99.0.1'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch7' -OptionId 67 -Value 'snponly.efi'

# x64 UEFI, HTTP; EBC, HTTP
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch16' -Data 'HTTPClient:Arch:00016'
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch17' -Data 'HTTPClient:Arch:00017'
Add-DhcpServerv4Policy -ScopeId $Scope -Name 'FoundryBot arch16' -ProcessingOrder 4 -Condition AND -VendorClass EQ,'FoundryBot arch16*','FoundryBot arch17*' -MacAddress EQ,'525400AA0001'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch16' -OptionId 60 -Value 'HTTPClient'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch16' -OptionId 66 -Value '127.99.0.1'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch16' -OptionId 67 -Value 'http://127.99.0.1/program/02-00-00-00-00-01/snponly.efi'

# x86 BIOS, HTTP
Add-DhcpServerv4Class -Type Vendor -Name 'FoundryBot arch20' -Data 'HTTPClient:Arch:00020'
Add-DhcpServerv4Policy -ScopeId $Scope -Name 'FoundryBot arch20' -ProcessingOrder 5 -Condition AND -VendorClass EQ,'FoundryBot arch20*' -MacAddress EQ,'525400AA0001'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch20' -OptionId 60 -Value 'HTTPClient'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch20' -OptionId 66 -Value '127.99.0.1'
Set-DhcpServerv4OptionValue -ScopeId $Scope -PolicyName 'FoundryBot arch20' -OptionId 67 -Value 'http://127.99.0.1/program/02-00-00-00-00-01/undionly.kpxe'
