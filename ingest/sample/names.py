"""Names of people who do not exist: common surnames and given-name characters, drawn without regard to anyone."""

import random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪"
)
_COMPOUND = ("欧阳", "上官", "司徒", "诸葛", "令狐")
_MALE = "伟强磊军勇杰涛明超鹏辉刚健峰宇浩凯俊博文斌毅航晨睿哲翔旭东志远建国庆林松柏岩川泽霖昊天恒一帆子墨承嘉树景行"
_FEMALE = "静敏丽娟艳霞芳燕玲婷雪梅莉洁颖琳倩慧妍悦欣怡雅晴蕾薇萌佳思语涵诗韵若溪清婉秋月云岚书瑶可心亦菲梓萱晓楠"


def draw_name(rng: random.Random, gender: str) -> str:
    """Return a name; `gender` is 男 or 女. One in six has a single given character, one in sixty a compound surname."""
    surname = rng.choice(_COMPOUND) if rng.random() < 1 / 60 else rng.choice(_SURNAMES)
    characters = _MALE if gender == "男" else _FEMALE
    given = rng.choice(characters)
    if rng.random() > 1 / 6 or len(surname) == 2:
        given += rng.choice(characters)
    return surname + given


def orcid(number: int) -> str:
    """Return an ORCID with its check digit (ISO 7064 MOD 11-2) in the block 0000-0000, which is not assigned."""
    digits = f"{number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    check = (12 - total) % 11
    text = digits + ("X" if check == 10 else str(check))
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))
