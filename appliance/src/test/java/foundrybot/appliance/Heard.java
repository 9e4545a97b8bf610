// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.net.http.HttpResponse;

/** What the appliance answered. */
public record Heard(int status, String text, String contentType) {
  static Heard of(HttpResponse<String> response) {
    return new Heard(
        response.statusCode(),
        response.body(),
        response.headers().firstValue("content-type").orElse(""));
  }
}
