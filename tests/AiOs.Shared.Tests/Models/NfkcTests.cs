using AiOs.Models.Unicode;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Models;

public sealed class NfkcTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("ﬁne Ａ１ ½ ²", "fine A1 1\u20442 2")]
    [InlineData("e\u0301\u0323", "\u1eb9\u0301")]          // marks are put in order before they join
    [InlineData("\u1e9b\u0323", "\u1e69")]                  // the long s becomes an s and takes both dots
    [InlineData("\u212b \u2126", "\u00c5 \u03a9")]
    [InlineData("\u1100\u1161\u11a8 \uac00\u11a8", "\uac01 \uac01")]
    [InlineData("\u0958", "\u0915\u093c")]                  // excluded from composition
    [InlineData("a\u0300\u0300", "\u00e0\u0300")]           // the second mark is blocked
    [InlineData("\ud835\udc00\u3392", "AMHz")]
    public void Text_is_brought_into_its_one_form(string text, string normal) => Assert.Equal(normal, Nfkc.Normalize(text));

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("x\ufffdy", Nfkc.Normalize("x" + (char)0xD800 + "y"));

    [Fact]
    public void What_is_normal_stays() =>
        Prop.ForAll<string>(text => Nfkc.Normalize(Nfkc.Normalize(text ?? "")) == Nfkc.Normalize(text ?? "")).QuickCheckThrowOnFailure();
}
