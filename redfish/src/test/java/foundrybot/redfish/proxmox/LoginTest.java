// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Credentials;
import foundrybot.redfish.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginTest {
  private static Login login(String user) {
    return new Login(new Credentials(user, new Secret("s3cret-of-the-user")));
  }

  @ParameterizedTest
  @CsvSource({
    "root@pam, false",
    "ops@pve!foundry, true",
    "jane.doe@example.com@ldap, false",
    "jane.doe@example.com@sso!rack-1, true"
  })
  void aUserIsANameAtARealmAndATokenHasANameOfItsOwn(String user, boolean token) {
    assertEquals(token, login(user).isToken());
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "root@", "@pam", "a b@pam", "ops@pve!", "ops@pve!a!b", "a:b@pam"})
  void anythingElseIsSaidToBeNone(String user) {
    assertThrows(IllegalArgumentException.class, () -> login(user));
  }

  @Test
  void whatIsSaidHasNoSecret() {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> login("ops")).getMessage());
    assertTrue(said.contains("NAME@REALM") && !said.contains("s3cret"), said);
  }
}
