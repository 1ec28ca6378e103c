//! Texts: filled in, and as HTML in which nothing typed is ever markup.

use deity::flow::{Scope, Value};
use deity::words::Words;

use super::{plain, text, today, values, words};

fn html(source: &str) -> String {
    text(source).html(&Scope {
        values: &values(),
        today: today(),
        reference: "DTY-4K7",
        words: Words::english(),
        on_page: false,
    })
}

#[test]
fn typed_words_stay_words_wherever_they_stand() {
    assert_eq!(
        html("Hello **{{ given }}**!"),
        "<p>Hello <strong>Ada *x* &lt;b&gt;</strong>!</p>"
    );
    assert_eq!(html("`{{ given }}`"), "<p><code>Ada *x* &lt;b&gt;</code></p>");
    assert_eq!(
        html("[go](/at?name={{ given }})"),
        "<p><a href=\"/at?name=Ada%20%2Ax%2A%20%3Cb%3E\">go</a></p>"
    );
    let given = |typed: &str, source: &str| {
        let values = [("given".to_owned(), Value::Text(typed.to_owned()))].into();
        text(source).html(&Scope {
            values: &values,
            today: today(),
            reference: "",
            words: Words::english(),
            on_page: false,
        })
    };
    assert_eq!(
        given("{{ reference }} {% if %}", "{{ given }}"),
        "<p>{{ reference }} {% if %}</p>"
    );
    assert_eq!(
        given("# not\n- a\n\n<hr>", "{{ given }}"),
        "<p># not<br />\n- a<br />\n<br />\n&lt;hr&gt;</p>"
    );
    assert_eq!(
        given("\u{F0000}\u{F0001}\u{E000}", "{{ given }}"),
        "<p>\u{F0000}\u{F0001}\u{E000}</p>"
    );
    assert_eq!(given("x", "\u{F0000}{{ given }}"), "<p>\u{FFFD}x</p>");
    assert_eq!(
        given("javascript:alert(1)", "[a]({{ given }})"),
        "<p><a href=\"javascript%3Aalert%281%29\">a</a></p>"
    );
    assert_eq!(
        given("\"> onx=", "[a](/b \"{{ given }}\")"),
        "<p><a href=\"/b\" title=\"&quot;&gt; onx=\">a</a></p>"
    );
}

#[test]
fn markdown_has_no_html_no_images_and_no_odd_links() {
    assert_eq!(
        html("a <b>x</b> <script>"),
        "<p>a &lt;b&gt;x&lt;/b&gt; &lt;script&gt;</p>"
    );
    assert_eq!(
        html("<script>\nalert(1)\n</script>"),
        "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>"
    );
    assert_eq!(html("![alt](x.png)"), "<p>alt</p>");
    assert_eq!(html("# One\n\n###### Six"), "<h2>One</h2>\n<h6>Six</h6>");
    assert_eq!(html("[a](javascript:x)"), "<p>a</p>");
    assert_eq!(html("[a](JavaScript&colon;x)"), "<p>a</p>");
    assert_eq!(html("[a](data:text/html,x)"), "<p>a</p>");
    assert_eq!(html("[a](https://gov.uk)"), "<p><a href=\"https://gov.uk\">a</a></p>");
    assert_eq!(
        html("<tel:+441632960001> <a@b.cd>"),
        "<p><a href=\"tel:+441632960001\">tel:+441632960001</a> <a href=\"mailto:a@b.cd\">a@b.cd</a></p>"
    );
    assert_eq!(html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
}

#[test]
fn conditions_and_lists_fill_a_text() {
    let source = "{% if count > 5 %}many{% elif count > 2 %}some{% else %}few{% endif %}";
    assert_eq!(plain(source), "some");
    let source = "You have:\n\n{% for pet in pets %}\n- {{ pet }}\n{% endfor %}\n";
    assert_eq!(
        html(source),
        "<p>You have:</p>\n<ul>\n<li>The cat one</li>\n<li>The dog one</li>\n</ul>"
    );
    assert_eq!(plain("{# nothing #}a{% raw %}{{ b }}{% endraw %}"), "a{{ b }}");
    assert_eq!(
        text("{{ given }}{% if count > 1 %}{{ born }}{% endif %}").reads().len(),
        3
    );
}

#[test]
fn a_text_ends_at_its_bound() {
    let values = [("given".to_owned(), Value::Text("é".repeat(30_000)))].into();
    let scope = Scope {
        values: &values,
        today: today(),
        reference: "",
        words: Words::english(),
        on_page: false,
    };
    let text = text("{{ given }}{{ given }}{{ given }}");
    assert!(text.plain(&scope).len() <= deity::limits::TEXT_BYTES);
    assert!(text.html(&scope).len() <= 3 * deity::limits::TEXT_BYTES);
}

#[test]
fn texts_show_labels_where_expressions_see_values() {
    words("changed", "The yes one");
    words("pets", "The cat one, The dog one");
    words("pets | join(' and ')", "The cat one and The dog one");
    words("first(pets)", "The cat one");
    words("agree", "Yes");
    words("born | date", "24 November 2010");
    words("price | money", "£12.50");
    assert_eq!(
        plain("{% for pet in pets %}- {{ pet }}{% if pet == 'cat' %}!{% endif %};{% endfor %}"),
        "- The cat one!;- The dog one;"
    );
}
