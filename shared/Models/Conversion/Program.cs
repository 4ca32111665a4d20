using AiOs.Models.Conversion;

if (args is not [var package, var output])
{
    Console.Error.WriteLine("usage: AiOs.Models.Conversion PACKAGE_DIRECTORY OUTPUT_DIRECTORY");
    return 2;
}
var nodes = EncoderPackage.Convert(package, output);
Console.WriteLine($"{nodes} nodes written to {output}");
return 0;
