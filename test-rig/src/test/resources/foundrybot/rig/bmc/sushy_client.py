# SPDX-License-Identifier: Apache-2.0
"""Walks through a Redfish service with OpenStack's client: sushy_client.py URL USER PASSWORD [mode] [media]

The certificate that it trusts is named by REQUESTS_CA_BUNDLE.
"""
import sys
import warnings

warnings.simplefilter("ignore")
import sushy

url, user, password, *parts = sys.argv[1:]
image = "http://127.0.0.1/boot.iso"


def main():
    root = sushy.Sushy(url, username=user, password=password, verify=True)
    systems = root.get_system_collection()
    print("systems", len(systems.members_identities))
    system = root.get_system(systems.members_identities[-1])
    print("power", system.power_state.value)
    print("resets", ",".join(sorted(r.value for r in system.get_allowed_reset_system_values())))

    system.set_system_boot_options(
        target=sushy.BOOT_SOURCE_TARGET_PXE,
        enabled=sushy.BOOT_SOURCE_ENABLED_ONCE,
        mode=sushy.BOOT_SOURCE_MODE_UEFI if "mode" in parts else None)
    print("boot set")
    system.reset_system(sushy.RESET_ON)
    system.refresh(force=True)
    print("power", system.power_state.value)

    for manager in [] if "media" not in parts else root.get_manager_collection().get_members():
        print("manager", manager.firmware_version)
        for drive in manager.virtual_media.get_members():
            if sushy.VIRTUAL_MEDIA_CD not in drive.media_types:
                continue
            drive.insert_media(image)
            drive.refresh(force=True)
            print("inserted", drive.inserted, drive.image)
            drive.eject_media()
            drive.refresh(force=True)
            print("inserted", drive.inserted)
            break
    system.reset_system(sushy.RESET_FORCE_OFF)
    system.refresh(force=True)
    print("power", system.power_state.value)


main()
