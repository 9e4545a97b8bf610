// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRequestTest {
  private final ImageRequest request =
      ImageRequest.of("debian-12-cast", "bookworm", Path.of("/srv/image"));

  @Test
  void packagesAreSortedAndCountOnce() {
    assertEquals(
        List.of("haproxy", "libstdc++6", "nginx"),
        request
            .withExtraPackages(List.of("nginx", "haproxy", "libstdc++6", "nginx"))
            .extraPackages());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-oDir=/", "a b", "a,b", "?essential", "nginx/sid", "../x", "A"})
  void aNameThatIsNoPackageNameNeverReachesATool(String name) {
    assertThrows(IllegalArgumentException.class, () -> request.withExtraPackages(List.of(name)));
    assertThrows(IllegalArgumentException.class, () -> request.withKernel(name));
  }

  @Test
  void theSuiteAndTheKernelAreCheckedToo() {
    Path output = Path.of("/srv/image");
    assertThrows(IllegalArgumentException.class, () -> ImageRequest.of("p", "--mode=x", output));
    assertThrows(IllegalArgumentException.class, () -> ImageRequest.of("P/x", "bookworm", output));
    assertThrows(IllegalArgumentException.class, () -> request.withKernel("nginx"));
    assertThrows(
        IllegalArgumentException.class, () -> ImageRequest.of("p", "bookworm", Path.of("/")));
  }
}
