package io.penstock.ingest.provider.webhook;

import io.penstock.ingest.json.FormFields;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Bodies as JSON. A body that begins as a JSON object or array does is taken for JSON, whatever its
 * content type is: some clients say of all that they send that it is a form. Any other body is a
 * form if its content type says so.
 */
final class FormBody {

  private FormBody() {}

  /** What a body is as JSON. */
  sealed interface Result {}

  /**
   * A text that may be JSON.
   *
   * @param bytes in UTF-8; not to be changed
   * @param isOfForm whether it was made of a form's fields
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Json(byte[] bytes, boolean isOfForm) implements Result {

    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /**
   * A body that says that it is a form, and is none.
   *
   * @param detail why, in words of ours
   */
  record Unreadable(String detail) implements Result {}

  /**
   * Reads a body.
   *
   * @param contentType as sent; null where it is absent
   */
  static Result asJson(byte[] body, @Nullable String contentType) {
    if (!FormFields.isForm(contentType) || beginsAsJson(body)) {
      return new Json(body, false);
    }
    return switch (FormFields.read(body)) {
      case FormFields.Fields fields -> new Json(fields.json(), true);
      case FormFields.NoForm none -> new Unreadable("not a form: " + none.detail());
    };
  }

  private static boolean beginsAsJson(byte[] body) {
    for (byte b : body) {
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return b == '{' || b == '[';
      }
    }
    return false;
  }
}
