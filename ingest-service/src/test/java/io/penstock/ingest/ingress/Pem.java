package io.penstock.ingest.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate and its key, as {@code tls.crt} and {@code tls.key}, by the JDK's keytool. */
public final class Pem {

  private static final String PASSWORD = "password";

  private Pem() {}

  /** One with an RSA key. */
  public static void rsa(Path directory, String name, int days) throws Exception {
    make(directory, name, days, "-keyalg", "RSA", "-keysize", "2048");
  }

  /** One with a key on a curve. */
  public static void ec(Path directory, String name, int days) throws Exception {
    make(directory, name, days, "-keyalg", "EC", "-groupname", "secp256r1");
  }

  private static void make(Path directory, String name, int days, String... key)
      throws IOException, InterruptedException, GeneralSecurityException {
    Files.createDirectories(directory);
    Path store = directory.resolve("store.p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "pair",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                Integer.toString(days),
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(key));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), US_ASCII);
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool: " + output);
    }
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, PASSWORD.toCharArray());
    }
    write(
        directory.resolve("tls.key"),
        "PRIVATE KEY",
        made.getKey("pair", PASSWORD.toCharArray()).getEncoded());
    write(directory.resolve("tls.crt"), "CERTIFICATE", made.getCertificate("pair").getEncoded());
  }

  private static void write(Path file, String kind, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
  }
}
