using System.Text;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Tests.DataPlane;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b": [1.0, 2e3, -0], "a": {"z": null, "\u00e9": true}, "€": "\u20ac\/\u000a\u001f" }""", """{"a":{"z":null,"é":true},"b":[1,2000,0],"€":"€/\n\u001f"}""")]
    // From RFC 8785, section 3.2.2 and appendix B.
    [InlineData("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]", "[333333333.3333333,1e+30,4.5,0.002,1e-27]")]
    [InlineData("[1e21, 1e20, 1e-6, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308]", "[1e+21,100000000000000000000,0.000001,1e-7,123456789.125,5e-324,1.7976931348623157e+308]")]
    [InlineData("[9007199254740993, -9223372036854775807]", "[9007199254740993,-9223372036854775807]")]
    public void Equal_values_have_one_form(string json, string canonical)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Bytes(document.RootElement)));
    }

    [Fact]
    public void Members_sort_by_UTF_16_units_and_none_may_occur_twice()
    {
        using var mixed = JsonDocument.Parse("""{"\ufb33":1,"\ud83d\ude00":2,"1":3,"\r":4}""");
        Assert.Equal("{\"\\r\":4,\"1\":3,\"\ud83d\ude00\":2,\"\ufb33\":1}", Encoding.UTF8.GetString(CanonicalJson.Bytes(mixed.RootElement)));
        using var twice = JsonDocument.Parse("""{"a":1,"a":2}""");
        Assert.Throws<ArgumentException>(() => CanonicalJson.Bytes(twice.RootElement));
    }
}
