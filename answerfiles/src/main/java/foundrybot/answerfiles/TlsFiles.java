// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.file.Path;

/** Where the user's own certificate and its key lie, as PEM. */
public record TlsFiles(Path certificate, Path key) {}
