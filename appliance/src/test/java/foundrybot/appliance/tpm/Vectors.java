// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tpm;

/** Public areas that tpm2-tools 5.4 has written for keys of swtpm 0.7.1, in base64. */
public final class Vectors {
  /** Of {@code tpm2_createek -G rsa}. */
  public static final String EK =
      "AToAAQALAAMAsgAgg3GXZ0SEs/gakMyNRqXXJP1S124GUgtk8qHaGzMUaaoABgCAAEMAEAgAAAAAAAEA"
          + "z6/f4wOLAhlsjFeq91ayjuEzHgX0R/b3gnr8qZrw+XQlVT5/DAmqRZ2Vx+PH/HKriPV6YTvUEaxCUX/5"
          + "zwfCLzG6Fci03rdcp9APHzjkvRTrI2m48YH5SBhyOdNd4LN3YDEKVAEbuq2sL9rN+s3xXWMON4QCnpjB"
          + "H3wA5Js3YeIh/dacPppoknoHW02w0rRTfqdFDRpA5gnm59nDlkbS8M2/IHv68GXrG047qNVIZHZn5aBk"
          + "ISt9OZWFVYUOnszTTuaLgfe9UAvlsQOBKwWbh5+qiX6J4/1tV2w1PRChJZA5JJirBQedG675I99QNtNU"
          + "HmPvNZ8BXSJWjddKUoKtqw==";

  /** Of {@code tpm2_createak -G ecc -g sha256 -s ecdsa} below it. */
  public static final String AK =
      "AFgAIwALAAUAcgAAABAAGAALAAMAEAAgXXz1VTOklPiOUTojPJuSIsc6+f6REdyBbHfn1ZYhViYAIE/p"
          + "zPi2Xaaj3OPPFCX+Ylu68zZIg4l4ShG/Id3nZ93K";

  /** The same with {@code -G rsa -s rsassa}. */
  public static final String RSA_AK =
      "ARgAAQALAAUAcgAAABAAFAALCAAAAAAAAQDEDrFRVl3Z5a63zgsgOevpUO9hD6K0qHcAAuYxVwTV5t4n"
          + "mjx3OYyhYWGCs/GZ4DkZbZ0MwwJmTk2NAXHtVx5A1SlbuaCVXCmsYMh/nuX1YIByigR0NCfRNEgdxj2k"
          + "l/dIRZlFFjxJP6ob2rhag2QBs0CoT8stPCbpvmUpAeNcH0iuAQuZg6DKI5SN+iHYfvTrgfF+gooAqqNI"
          + "HXXnCyw39xSDL39KGdpM/D6jBMRkgybi3nu9yxJLPXaRSxcOGBEWc91onBgwSifaVKl11MGxPsCFqdYB"
          + "IeNOZmCG4ba3XLGs1TjouAyuO31+L04q3ESASoAyVODHesMgpI/hzoNt";

  /** Of {@code tpm2_create}, as an AK but not restricted: it signs anything. */
  public static final String UNRESTRICTED =
      "AFgAIwALAAQAcgAAABAAGAALAAMAEAAg7zqnu1PTssQl9aa68ebNYK+40IPV834oIYeATYY55ssAICbu"
          + "X+7HuDYogWUUe4QWYiNS6L1v/tHo9/rnrrKRRlCT";

  /** Of {@code tpm2_createek -G ecc}. */
  public static final String ECC_EK =
      "AHoAIwALAAMAsgAgg3GXZ0SEs/gakMyNRqXXJP1S124GUgtk8qHaGzMUaaoABgCAAEMAEAADABAAIOsJ"
          + "lh5UGb2sw8Pe8JpXE5LMS0ZHB/LpIDAP+FqcFGoOACB1SuVvBF85BrJvri/dOl3TfK8/f9eBzvPIbEKU"
          + "4B5TaQ==";

  /** What openssl and sha256sum say of the first one. */
  public static final String EK_HASH =
      "sha256:fa8105f50ef943da39897aff7435dc7c1dee34b7382bbe3497865c8fd05acd1a";

  /** What they say of {@link #ECC_EK}. */
  static final String ECC_EK_HASH =
      "sha256:f3014326c177f57d07da9441e80453aabc506a7187d5a3040ea96f904b1ea8b3";

  private Vectors() {}
}
