// SPDX-License-Identifier: MIT
/* The JSON writer and parser: each other's output, RFC 8259's corners, limits, random bytes. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "apps/lib/json.h"
#include "apps/lib/utf8.h"

static void test_write(void **state)
{
	struct json_writer w;

	(void)state;
	json_begin(&w, 4096);
	json_object(&w);
	json_kv_str(&w, "name", "eth0");
	json_kv_u64(&w, "max", UINT64_MAX);
	json_kv_s64(&w, "min", INT64_MIN);
	json_kv_bool(&w, "up", true);
	json_key(&w, "list");
	json_array(&w);
	json_null(&w);
	json_printf(&w, "%d/%d", 1, 2);
	json_object(&w);
	json_end(&w);
	json_end(&w);
	json_kv_str(&w, "text", "a\"b\\c\n\t\x01\x7f\xc3\xa4");
	json_end(&w);
	assert_string_equal(json_finish(&w),
			    "{\"name\":\"eth0\",\"max\":18446744073709551615,"
			    "\"min\":-9223372036854775808,\"up\":true,\"list\":[null,\"1/2\",{}],"
			    "\"text\":\"a\\\"b\\\\c\\n\\t\\u0001\x7f\xc3\xa4\"}");
	json_free(&w);
}

static void test_write_bad_utf8(void **state)
{
	struct json_writer w;

	(void)state;
	json_begin(&w, 256);
	json_str(&w, "a\xff\xc0\xaf\xed\xa0\x80z");
	assert_string_equal(json_finish(&w), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
					     "\xef\xbf\xbd\xef\xbf\xbdz\"");
	json_free(&w);
}

/* Misuse and overflow stick and are seen at the end. */
static void test_write_errors(void **state)
{
	struct json_writer w;

	(void)state;
	json_begin(&w, 64);
	json_array(&w);
	assert_null(json_finish(&w)); /* still open */
	json_end(&w);
	assert_string_equal(json_finish(&w), "[]");
	json_u64(&w, 1); /* a second document */
	assert_null(json_finish(&w));
	json_reset(&w);
	json_object(&w);
	json_u64(&w, 1); /* a value without a key */
	json_end(&w);
	assert_null(json_finish(&w));
	json_reset(&w);
	json_object(&w);
	json_key(&w, "k"); /* a key without a value */
	json_end(&w);
	assert_null(json_finish(&w));
	json_reset(&w);
	json_end(&w);
	assert_null(json_finish(&w));
	json_reset(&w);
	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		json_array(&w);
	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		json_end(&w);
	assert_null(json_finish(&w));
	json_free(&w);
	for (size_t max = 1; max <= 14; max++) { /* [1234567890] is 12 bytes and NUL */
		json_begin(&w, max);
		json_array(&w);
		json_u64(&w, 1234567890);
		json_end(&w);
		assert_int_equal(json_finish(&w) != NULL, max >= 13);
		json_free(&w);
	}
}

static void test_read(void **state)
{
	static const char text[] =
		" {\"a\" : [1, -2, 18446744073709551615, -9223372036854775808, 2.5e2],"
		"\"b\":{\"c\":true,\"d\":null},\"e\":\"x\\u00e4\\ud83d\\ude00\\n\\/\","
		"\"a\":7,\"\":false} ";
	struct json_doc d;
	const struct json *a;

	(void)state;
	assert_int_equal(json_parse(&d, text, strlen(text)), 0);
	assert_int_equal(d.root->type, JSON_OBJECT);
	assert_int_equal(d.root->count, 5);
	a = json_get(d.root, "a");
	assert_int_equal(a->count, 5);
	assert_int_equal(json_at(a, 0)->magnitude, 1);
	assert_true(json_at(a, 1)->negative);
	assert_true(json_at(a, 2)->magnitude == UINT64_MAX);
	assert_true(json_at(a, 3)->magnitude == 1ull << 63);
	assert_int_equal(json_at(a, 4)->type, JSON_REAL);
	assert_true(json_at(a, 4)->real == 250.0);
	assert_null(json_at(a, 5));
	assert_true(json_get_bool(json_get(d.root, "b"), "c", false));
	assert_int_equal(json_get(json_get(d.root, "b"), "d")->type, JSON_NULL);
	assert_string_equal(json_get_str(d.root, "e", ""), "x\xc3\xa4\xf0\x9f\x98\x80\n/");
	assert_false(json_get_bool(d.root, "", true));
	assert_string_equal(json_get_str(d.root, "a", "not a string"), "not a string");
	assert_int_equal(json_get_u64(d.root, "nothing", 42), 42);
	assert_int_equal(json_get_s64(NULL, "x", -1), -1);
	json_doc_free(&d);
}

static void test_read_errors(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} bad[] = {
		{ "", 0 },
		{ "  ", 2 },
		{ "{", 1 },
		{ "[1,]", 3 },
		{ "[1 2]", 3 },
		{ "{\"a\"}", 4 },
		{ "{a:1}", 1 },
		{ "{\"a\":1,}", 7 },
		{ "01", 2 },
		{ "-", 1 },
		{ "1.", 2 },
		{ "1e", 2 },
		{ "+1", 0 },
		{ ".5", 0 },
		{ "tru", 0 },
		{ "nul", 0 },
		{ "\"", 1 },
		{ "\"\\x\"", 2 },
		{ "\"\n\"", 1 },
		{ "\"\xff\"", 1 },
		{ "1 1", 2 },
		{ "\"\\u12\"", 3 },
		{ "[}", 1 },
		{ "\"\\u0000\"", 7 },
		{ "\"\\ud800\"", 7 },
		{ "\"\\udc00\"", 7 },
		{ "\"abc\\\"", 1 },
		{ "NaN", 0 },
		{ "18446744073709551616", 20 },
		{ "-9223372036854775809", 20 },
		{ "1e999", 5 },
	};
	struct json_doc d;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int r = json_parse(&d, bad[i].text, strlen(bad[i].text));

		if (r != -EINVAL)
			fail_msg("'%s' was accepted (%d)", bad[i].text, r);
		assert_null(d.root);
		assert_true(d.error[0] != '\0');
		if (d.error_at != bad[i].at)
			fail_msg("'%s': %s at %zu, expected %zu", bad[i].text, d.error, d.error_at,
				 bad[i].at);
		json_doc_free(&d);
	}
}

static void test_read_limits(void **state)
{
	char deep[2 * JSON_DEPTH_MAX + 2];
	char *many = malloc(2 * JSON_NODES_MAX + 8);
	struct json_doc d;

	(void)state;
	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(json_parse(&d, deep, 2 * JSON_DEPTH_MAX), 0);
	json_doc_free(&d);
	memset(deep, '[', sizeof(deep));
	assert_int_equal(json_parse(&d, deep, sizeof(deep)), -E2BIG);
	json_doc_free(&d);
	many[0] = '[';
	for (size_t i = 0; i < JSON_NODES_MAX; i++)
		memcpy(many + 1 + 2 * i, "1,", 2);
	many[2 * JSON_NODES_MAX] = ']';
	assert_int_equal(json_parse(&d, many, 2 * JSON_NODES_MAX + 1), -E2BIG);
	json_doc_free(&d);
	many[2 * JSON_NODES_MAX - 2] = ']'; /* one element fewer */
	assert_int_equal(json_parse(&d, many, 2 * JSON_NODES_MAX - 1), 0);
	assert_int_equal(d.root->count, JSON_NODES_MAX - 1);
	json_doc_free(&d);
	free(many);
}

static void write_random(struct json_writer *w, int depth)
{
	static const char *const texts[] = { "", "a", "x\ny", "\xe2\x82\xac", "\"\\/" };
	int n = rand() % 4;

	switch (depth > 5 ? rand() % 5 : rand() % 7) {
	case 0:
		json_null(w);
		return;
	case 1:
		json_bool(w, rand() % 2);
		return;
	case 2:
		json_u64(w, (uint64_t)rand() << 33 | (uint64_t)rand());
		return;
	case 3:
		json_s64(w, -(int64_t)rand());
		return;
	case 4:
		json_str(w, texts[rand() % 5]);
		return;
	case 5:
		json_array(w);
		while (n--)
			write_random(w, depth + 1);
		break;
	default:
		json_object(w);
		while (n--) {
			json_key(w, texts[rand() % 5]);
			write_random(w, depth + 1);
		}
	}
	json_end(w);
}

/* What is written parses, and is the same text when written from the tree. */
static void test_round_trip(void **state)
{
	(void)state;
	srand(8259);
	for (int i = 0; i < 5000; i++) {
		struct json_writer a, b;
		struct json_doc d;

		json_begin(&a, 1 << 20);
		json_begin(&b, 1 << 20);
		write_random(&a, 0);
		assert_non_null(json_finish(&a));
		assert_int_equal(json_parse(&d, a.buf, a.used), 0);
		json_value(&b, d.root);
		assert_string_equal(json_finish(&b), a.buf);
		json_doc_free(&d);
		json_free(&a);
		json_free(&b);
	}
}

/* A number that is no integer is passed on digit by digit. */
static void test_reals(void **state)
{
	static const char text[] = "[1e-30,-0.5,1.000,12345678901234567890.25,2E+10]";
	struct json_writer w;
	struct json_doc d;

	(void)state;
	json_begin(&w, 1024);
	assert_int_equal(json_parse(&d, text, strlen(text)), 0);
	json_value(&w, d.root);
	assert_string_equal(json_finish(&w), text);
	json_doc_free(&d);
	json_free(&w);
	assert_int_equal(
		json_parse(&d, "0.0000000000000000000000000000000000000000000000000001", 54),
		-EINVAL);
	json_doc_free(&d);
}

/* Many strings of all lengths: every way of filling the parser's blocks. */
static void test_long_document(void **state)
{
	struct json_writer a, b;
	struct json_doc d;
	char text[300];

	(void)state;
	memset(text, 'y', sizeof(text));
	for (int round = 0; round < 40; round++) {
		json_begin(&a, 1 << 20);
		json_begin(&b, 1 << 20);
		json_array(&a);
		for (int i = 0; i < 300; i++)
			json_strn(&a, text, (size_t)rand() % sizeof(text));
		json_end(&a);
		assert_non_null(json_finish(&a));
		assert_int_equal(json_parse(&d, a.buf, a.used), 0);
		json_value(&b, d.root);
		assert_string_equal(json_finish(&b), a.buf);
		json_doc_free(&d);
		json_free(&a);
		json_free(&b);
	}
}

/* Random damage to real documents in exactly sized buffers: no crash, no overrun, 0 or an error. */
static void test_fuzz(void **state)
{
	static const char seed[] =
		"{\"cmd\":\"show "
		"arp\",\"n\":[1,-2.5e3,true,null,\"\\u00e4\\ud83d\\ude00\"],\"o\":{}}";
	unsigned good = 0, bad = 0;

	(void)state;
	srand(2);
	for (int i = 0; i < 100000; i++) {
		size_t n = 1 + (size_t)rand() % (sizeof(seed) - 1);
		char *text = malloc(n);
		struct json_doc d;

		memcpy(text, seed, n);
		if (i % 3 == 0) {
			free(text);
			n = sizeof(seed) - 1;
			text = malloc(n);
			memcpy(text, seed, n);
		}
		for (int k = rand() % 4; k > 0; k--)
			text[(size_t)rand() % n] = (char)(rand() % 3 ? seed[rand() % 60] : rand());
		if (json_parse(&d, text, n) == 0)
			good++;
		else
			bad++;
		assert_true(d.error_at <= n);
		json_doc_free(&d);
		free(text);
	}
	assert_true(good > 1000 && bad > 1000);
}

static void test_utf8(void **state)
{
	char s[4];

	(void)state;
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		size_t n;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = utf8_encode(s, c);
		assert_int_equal(utf8_length(s, n), n);
		if (n > 1)
			assert_int_equal(utf8_length(s, n - 1), 0);
	}
	assert_int_equal(utf8_length("\xc0\x80", 2), 0); /* overlong NUL */
	assert_int_equal(utf8_length("\xe0\x9f\xbf", 3), 0);
	assert_int_equal(utf8_length("\xf0\x8f\xbf\xbf", 4), 0);
	assert_int_equal(utf8_length("\xf4\x90\x80\x80", 4), 0); /* above U+10FFFF */
	assert_int_equal(utf8_length("\xed\xa0\x80", 3), 0);     /* surrogate */
	assert_int_equal(utf8_length("\x80", 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),         cmocka_unit_test(test_write_bad_utf8),
		cmocka_unit_test(test_write_errors),  cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_errors),   cmocka_unit_test(test_read_limits),
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_long_document), cmocka_unit_test(test_reals),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
