package io.penstock.schemas;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Words that are no names in the languages that consumers write: a field with such a name gets
 * another in generated code, or must be escaped wherever it is used, or cannot be used at all.
 */
final class ReservedWords {

  private static final Map<String, Set<String>> BY_LANGUAGE = new TreeMap<>();

  static {
    language(
        "Java",
        """
        abstract assert boolean break byte case catch char class const continue default do double else enum extends
        false final finally float for goto if implements import instanceof int interface long native new null package
        private protected public return short static strictfp super switch synchronized this throw throws transient
        true try void volatile while schema\
        """);
    language(
        "Kotlin",
        """
        as break class continue do else false for fun if in interface is null object package return super this throw
        true try typealias typeof val var when while\
        """);
    language(
        "Scala",
        """
        abstract case catch class def do else enum export extends false final finally for given if implicit import lazy
        match new null object override package private protected return sealed super then this throw trait true try
        type val var while with yield\
        """);
    language(
        "C#",
        """
        abstract as base bool break byte case catch char checked class const continue decimal default delegate do double
        else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal
        is lock long namespace new null object operator out override params private protected public readonly ref return
        sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked
        unsafe ushort using virtual void volatile while\
        """);
    language(
        "C++",
        """
        alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class
        compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype
        default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline
        int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
        reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template
        this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t
        while xor xor_eq\
        """);
    language(
        "Go",
        """
        break case chan const continue default defer else fallthrough for func go goto if import interface map package
        range return select struct switch type var\
        """);
    language(
        "Python",
        """
        False None True and as assert async await break class continue def del elif else except finally for from global
        if import in is lambda nonlocal not or pass raise return try while with yield match case type\
        """);
    language(
        "JavaScript and TypeScript",
        """
        await break case catch class const continue debugger default delete do else enum export extends false finally
        for function if implements import in instanceof interface let new null package private protected public return
        static super switch this throw true try typeof var void while with yield arguments eval constructor
        prototype\
        """);
    language(
        "Rust",
        """
        abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if
        impl in let loop macro match mod move mut override priv pub ref return self Self static struct super trait true
        try type typeof unsafe unsized use virtual where while yield\
        """);
    language(
        "Swift",
        """
        as associatedtype break case catch class continue default defer deinit do else enum extension fallthrough false
        fileprivate for func guard if import in init inout internal is let nil open operator private protocol public
        repeat rethrows return self static struct subscript super switch throw throws true try typealias var where
        while\
        """);
    // Reserved by two at least of PostgreSQL, MySQL, Flink SQL and SQL Server: what one alone
    // reserves (date, timestamp and value in Flink, for one), its users quote all the time.
    language(
        "SQL",
        """
        all alter and any array as asc authorization between both by case cast check collate column constraint create
        cross current_catalog current_date current_role current_time current_timestamp current_user cursor database
        declare default delete desc distinct drop else end except exists fetch for foreign from full function grant
        group having identity in index inner insert intersect into is join key lateral leading left like limit
        localtime localtimestamp natural not null of offset on only option or order outer over partition primary
        procedure range references returning revoke right row rows schema select session_user set some sql symmetric
        system_user table tablesample then to trailing trigger true truncate union unique update user using values
        view when where window with\
        """);
  }

  private ReservedWords() {}

  private static void language(String name, String words) {
    BY_LANGUAGE.put(name, Set.of(words.split("\\s+")));
  }

  /** The languages in which this is no name; SQL has no case, the others do. */
  static List<String> languages(String name) {
    return BY_LANGUAGE.entrySet().stream()
        .filter(
            language ->
                language
                    .getValue()
                    .contains(
                        language.getKey().equals("SQL") ? name.toLowerCase(Locale.ROOT) : name))
        .flatMap(language -> Stream.of(language.getKey()))
        .toList();
  }
}
